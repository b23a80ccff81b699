"""The check `readiness/single-writer-volume-shared`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.subjects import has_own_template
from daytwo.model.finding import Hit
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.single_writer import ONE_POD, names_claims, shared_claims
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, ReplicaSet, Rollout


@check(
    Deployment,
    Rollout,
    ReplicaSet,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    applies=has_own_template,
    by_hand="where the data of several replicas should stand only their owner knows",
)
def single_writer_volume_shared(workload: Deployment | Rollout | ReplicaSet, snapshot: Snapshot) -> Iterator[Hit]:
    """Several replicas share a volume that one node, or one pod, at a time may use.

    Why: a replica that lands on another node hangs in ContainerCreating for ever; with ReadWriteOncePod every replica but one does.
    Fix: use a StatefulSet with a claim for each replica, a ReadWriteMany volume, or one replica.
    Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
    Not: a StatefulSet's claim templates: each pod has its own. Access modes are read from the claim itself.
    """
    if not names_claims(workload) or (replicas := scale_of(workload, snapshot).most) < 2:
        return
    for volume, claim in shared_claims(workload, snapshot):
        modes = ", ".join(claim.spec.access_modes)
        reach = "pod" if claim.spec.access_modes == (ONE_POD,) else "node"
        yield Hit(
            f"{replicas} replicas share claim {claim.name} ({modes}), which one {reach} at a time can use",
            path=f"{workload.pod_path}.volumes[{volume}].persistentVolumeClaim",
            item=volume,
        )
