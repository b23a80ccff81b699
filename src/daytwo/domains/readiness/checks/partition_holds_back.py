"""The check `readiness/partition-holds-back`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import StatefulSet


@check(
    StatefulSet,
    heading=Heading.DELIVERY,
    severity=Severity.LOW,
    applies=lambda workload: workload.spec.update_strategy.type != "OnDelete" and workload.controller is None,
    by_hand="how far the change is meant to go only its owner knows, and a smaller partition replaces pods at once",
)
def partition_holds_back(workload: StatefulSet, snapshot: Snapshot) -> Iterator[Hit]:
    """A partition keeps some pods of a StatefulSet at an older template.

    Why: it is meant for the time of a staged rollout; left in a manifest it holds back every later change as well.
    Fix: lower the partition to 0 when the stage is over.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#partitions
    """
    rolling = workload.spec.update_strategy.rolling_update
    partition = rolling.partition or 0 if rolling is not None else 0
    held = min(max(partition - workload.spec.ordinals.start, 0), workload.replicas)
    if held:
        what = "all of them" if held == workload.replicas else f"{held} of {workload.replicas} pods"
        path = "spec.updateStrategy.rollingUpdate.partition"
        yield Hit(
            f"partition {partition} keeps every change from {what}", path, severity=Severity.MEDIUM if held == workload.replicas else None
        )
