"""The check `resources/best-effort-pods`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.allotment import names_request, writes_request
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RESOURCES, severity=Severity.MEDIUM, by_hand="how much a container needs is only known by who runs it")
def best_effort_pods(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload whose pods are of the class BestEffort: no container asks for any CPU or memory, or limits it.

    Why: they are the first that a node under memory pressure evicts and that the kernel kills, and the scheduler takes them for
    nothing: they are packed onto nodes that are full.
    Fix: give at least one container a request for memory and CPU.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
    Not: pods of which one init container alone asks for something: that already makes them Burstable.
    """
    # What is written settles it, for any container: only then is it asked who else may write one.
    for is_named in (writes_request, names_request):
        if any(
            is_named(placed.container, workload, resource, snapshot)
            for placed in workload.all_containers()
            for resource in ("cpu", "memory")
        ):
            return
    yield Hit(
        "its pods are BestEffort: no container requests CPU or memory, so they are evicted first",
        path=f"{workload.pod_path}.containers",
        fix="set resources.requests.memory and resources.requests.cpu",
    )
