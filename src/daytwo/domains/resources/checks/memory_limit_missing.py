"""The check `resources/memory-limit-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import limit_path, named
from daytwo.model.allotment import names_limit
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
def memory_limit_missing(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container whose memory is not limited.

    Why: a leak in it takes the memory of the whole node: the kernel then kills whichever process it finds, and the kubelet evicts
    pods that did nothing wrong.
    Fix: set resources.limits.memory, for most programs equal to the request.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    Not: a container whose limit comes from somewhere else: a LimitRange that was seen in its namespace, the pod's own
    `spec.resources`. Init containers that end. Where no LimitRange could be looked at, as in most trees of files, the
    container is taken as it stands.
    """
    for placed in workload.running_containers():
        if not names_limit(placed.container, workload, "memory", snapshot):
            yield Hit(
                f"{named(placed)} has no limit for memory",
                path=limit_path(placed, "memory"),
                item=placed.container.name,
                fix="set resources.limits.memory",
            )
