"""The check `resources/memory-request-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import named, request_path
from daytwo.model.allotment import names_request
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.MEDIUM,
    by_hand="how much a container needs is only known by who runs it",
)
def memory_request_missing(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that asks for no memory.

    Why: the scheduler counts it as nothing, so nodes are overcommitted without anybody having decided that; and it is among the
    first to be evicted or killed when its node runs short.
    Fix: set resources.requests.memory to what it uses at most in ordinary times.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    Not: a container whose request comes from somewhere else: a LimitRange that was seen in its namespace, the pod's own
    `spec.resources`, a limit, which is a request too, or a
    VerticalPodAutoscaler that writes it. Init containers that end. Where no LimitRange could be looked at, as in most trees of files, the
    container is taken as it stands.
    """
    for placed in workload.running_containers():
        if not names_request(placed.container, workload, "memory", snapshot):
            yield Hit(
                f"{named(placed)} requests no memory",
                path=request_path(placed, "memory"),
                item=placed.container.name,
                fix="set resources.requests.memory",
            )
