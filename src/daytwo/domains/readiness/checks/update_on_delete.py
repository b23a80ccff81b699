"""The check `readiness/update-on-delete`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, StatefulSet


@check(
    StatefulSet,
    DaemonSet,
    heading=Heading.DELIVERY,
    severity=Severity.LOW,
    applies=lambda workload: workload.controller is None,
    by_hand="with RollingUpdate the pods of a pending change are replaced at once",
)
def update_on_delete(workload: StatefulSet | DaemonSet, snapshot: Snapshot) -> Iterator[Hit]:
    """A changed template reaches no pod before somebody deletes it.

    Why: an applied fix looks done and is not; pods that are replaced for other reasons get it months later, each on its own day.
    Fix: set updateStrategy.type to RollingUpdate.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#on-delete
    Not: what an operator owns: it deletes the pods itself, in the right order.
    """
    if workload.spec.update_strategy.type == "OnDelete":
        yield Hit("a change reaches a pod only once somebody deletes it", path="spec.updateStrategy.type")
