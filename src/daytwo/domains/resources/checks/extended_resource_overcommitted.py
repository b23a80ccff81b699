"""The check `resources/extended-resource-overcommitted`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.resources.field import limit_path, named
from daytwo.model.allotment import allotment
from daytwo.model.finding import Hit
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_MAY_DIFFER: Final = frozenset({"cpu", "memory", "ephemeral-storage"})


@check(Runnable, heading=Heading.RESOURCES, severity=Severity.HIGH)
def extended_resource_overcommitted(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container whose request for a device or for huge pages is not its limit.

    Why: such things cannot be shared out twice, and the API server refuses the pod.
    Fix: write the number under limits; the request is then the same.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources
    Not: a limit without a request.
    """
    for placed in workload.all_containers():
        given = allotment(placed.container, workload, snapshot)
        for resource, request in given.requests.items():
            if resource in _MAY_DIFFER:
                continue
            limit = given.limits.get(resource)
            if limit is not None and quantity_or_zero(limit) == quantity_or_zero(request):
                continue
            path = limit_path(placed, resource)
            told = f"its limit is {limit}" if limit is not None else "has no limit for it"
            yield Hit(
                f"{named(placed)} requests {request} of {resource} and {told}: no pod can be made",
                path=path,
                item=f"{placed.container.name}/{resource}",
                repair=setting(path, request) if limit is None else None,
                by_hand="" if limit is None else "which of the two numbers is meant is for a person to say",
            )
