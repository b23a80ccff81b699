"""The check `readiness/priority-class-unknown`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.policy import PriorityClass
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# Every cluster has these: https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/
_BUILT_IN: Final = frozenset({"system-node-critical", "system-cluster-critical"})


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    applies=lambda runnable: bool(runnable.pod_spec.priority_class_name),
    by_hand="which class is meant only its owner knows",
)
def priority_class_unknown(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods name a PriorityClass that does not exist.

    Why: the API server refuses every one of them: the workload runs no pod at all, or loses each that is replaced.
    Fix: create the PriorityClass, or name one that exists.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#pod-priority
    """
    name = runnable.pod_spec.priority_class_name
    if name not in _BUILT_IN and snapshot.get(PriorityClass, "", name) is None:
        yield Hit(f"PriorityClass {name} does not exist: its pods are refused", path=f"{runnable.pod_path}.priorityClassName")
