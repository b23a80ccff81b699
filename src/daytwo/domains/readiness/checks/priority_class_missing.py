"""The check `readiness/priority-class-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.policy import PriorityClass
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.INFO,
    by_hand="how much it matters beside others only people know",
)
def priority_class_missing(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods without a PriorityClass.

    Why: when nodes are full, or short of memory, nothing tells which pods matter more: those that serve users give way like any other.
    Fix: give those that matter a priorityClassName of the platform's.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
    Not: clusters with a global default, as far as one was seen.
    """
    if not runnable.pod_spec.priority_class_name and not any(known.global_default for known in snapshot.seen(PriorityClass)):
        yield Hit("names no PriorityClass", path=f"{runnable.pod_path}.priorityClassName")
