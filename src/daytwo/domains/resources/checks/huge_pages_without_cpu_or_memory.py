"""The check `resources/huge-pages-without-cpu-or-memory`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import named, request_path
from daytwo.model.allotment import allotment
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RESOURCES, severity=Severity.HIGH, by_hand="how much a container needs is only known by who runs it")
def huge_pages_without_cpu_or_memory(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that asks for huge pages and for neither CPU nor memory.

    Why: the API server refuses such a pod.
    Fix: give the container a request or limit for memory as well.
    Source: https://kubernetes.io/docs/tasks/manage-hugepages/scheduling-hugepages/
    Not: a container to which a LimitRange of the namespace gives one of the two.
    """
    for placed in workload.all_containers():
        given = allotment(placed.container, workload, snapshot)
        named_resources = given.requests.keys() | given.limits.keys()
        huge = sorted(resource for resource in named_resources if resource.startswith("hugepages-"))
        if huge and not {"cpu", "memory"} & named_resources:
            yield Hit(
                f"{named(placed)} asks for {huge[0]} and for neither CPU nor memory: no pod can be made",
                path=request_path(placed, "memory"),
                item=placed.container.name,
            )
