"""The check `readiness/scaled-to-zero`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.scaling import scale_of, scalers_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, Rollout, StatefulSet


@check(
    Deployment,
    StatefulSet,
    Rollout,
    heading=Heading.OPERATIONS,
    severity=Severity.INFO,
    applies=lambda workload: workload.replicas == 0,
    by_hand="whether it is still wanted only its owner knows",
)
def scaled_to_zero(workload: Deployment | StatefulSet | Rollout, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload of no replicas.

    Why: it does nothing; what was switched off for a day is easily forgotten, and so is what is left of it.
    Fix: scale it up, or delete it.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#replicas
    Not: what an autoscaler scales, and a Deployment whose pods a Rollout has taken over.
    """
    scale = scale_of(workload, snapshot)
    if scale.most == 0 and not scalers_of(workload.ref, snapshot):
        yield Hit("runs no pod: replicas is 0", path="spec.replicas")
