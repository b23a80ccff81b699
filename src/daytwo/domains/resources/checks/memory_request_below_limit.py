"""The check `resources/memory-request-below-limit`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import named, request_path
from daytwo.model.allotment import allotment
from daytwo.model.finding import Hit
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RESOURCES, severity=Severity.LOW, by_hand="how much a container needs is only known by who runs it")
def memory_request_below_limit(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container whose memory request is not its limit. A strict rule, for clusters that do not overcommit memory.

    Why: memory between request and limit is counted by nobody: when a node runs short, pods above their requests are evicted first
    and killed first, whatever they are worth.
    Fix: set resources.requests.memory equal to resources.limits.memory.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    Not: containers without a limit; a request that is not written is equal to the limit.
    """
    for placed in workload.running_containers():
        given = allotment(placed.container, workload, snapshot)
        if "memory" not in given.requests or "memory" not in given.limits:
            continue
        if quantity_or_zero(given.requests["memory"]) < quantity_or_zero(given.limits["memory"]):
            yield Hit(
                f"{named(placed)} requests {given.requests['memory']} of memory and may use {given.limits['memory']}",
                path=request_path(placed, "memory"),
                item=placed.container.name,
            )
