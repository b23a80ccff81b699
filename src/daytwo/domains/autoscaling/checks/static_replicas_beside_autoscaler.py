"""The check `autoscaling/static-replicas-beside-autoscaler`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.repair import removing
from daytwo.model.runnable import Runnable
from daytwo.model.scaling import Scaler, bounds, scalers_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, ReplicaSet, Rollout, StatefulSet, Workload


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    applies=lambda workload: isinstance(workload, Deployment | StatefulSet | ReplicaSet | Rollout),
)
def static_replicas_beside_autoscaler(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload that says how many replicas it wants although an autoscaler decides that.

    Why: every apply sets the number back, in the middle of a peak as well, until the autoscaler corrects it minutes later.
    Fix: leave spec.replicas out of the file. With client-side apply, take it out of the last-applied annotation first
    (`kubectl apply edit-last-applied`), or the removal itself sets it to 1 once.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling
    Not: a number that the autoscaler or `kubectl scale` wrote.
    """
    if not isinstance(workload, Workload) or not _is_written(workload):
        return
    scalers = [scaler for scaler in scalers_of(workload.ref, snapshot) if bounds(scaler)[1] > bounds(scaler)[0]]
    if not scalers:
        return
    yield Hit(
        f"spec.replicas says {workload.replicas}, and {_named(scalers[0])} scales it: every apply sets it back to {workload.replicas}",
        path="spec.replicas",
        fix="leave spec.replicas out of the file",
        repair=removing("spec.replicas") if workload.is_declared else None,
        by_hand="" if workload.is_declared else "the file that it is applied from is not known here",
    )


def _is_written(workload: Workload) -> bool:
    """Whether somebody wants this number. In a cluster its last writer tells: of a number that was scaled, another subresource."""
    if workload.origin is not None and workload.is_declared:
        return workload.origin.has_replicas
    writers = [entry for entry in workload.metadata.managed_fields if "replicas" in entry.fields and not entry.subresource]
    return any(entry.operation == "Apply" or (workload.replicas != 1 and entry.manager != "kube-controller-manager") for entry in writers)


def _named(scaler: Scaler) -> str:
    return f"{scaler.KIND} {scaler.name}"
