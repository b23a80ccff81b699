"""The check `resources/memory-limit-far-above-request`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.resources.field import named, request_path
from daytwo.model.allotment import allotment
from daytwo.model.finding import Hit
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


class Overcommitment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`most_times`: how many times its request a container's memory limit may be."""

    most_times: float = 4.0


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.LOW,
    options=Overcommitment,
    by_hand="whether the request is too low or the limit too high is only known by who runs it",
)
def memory_limit_far_above_request(workload: Runnable, snapshot: Snapshot, options: Overcommitment) -> Iterator[Hit]:
    """A container that may use many times the memory that it asks for.

    Why: the scheduler counts the request. If several such containers use what they may, their node is out of memory, and the ones
    furthest above their requests are killed first.
    Fix: bring request and limit together; equal is safest for memory, which cannot be taken back.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    Not: containers without a request of their own, which is `resources/memory-request-missing`.
    """
    for placed in workload.running_containers():
        given = allotment(placed.container, workload, snapshot)
        if "memory" not in given.requests or "memory" not in given.limits:
            continue
        request, limit = quantity_or_zero(given.requests["memory"]), quantity_or_zero(given.limits["memory"])
        if request and float(limit / request) > options.most_times:
            yield Hit(
                f"{named(placed)} requests {given.requests['memory']} of memory and may use {given.limits['memory']}, "
                f"{float(limit / request):.3g} times as much",
                path=request_path(placed, "memory"),
                item=placed.container.name,
            )
