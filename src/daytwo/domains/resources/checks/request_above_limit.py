"""The check `resources/request-above-limit`."""

from collections.abc import Iterator
from decimal import Decimal

from daytwo.catalog import check
from daytwo.domains.resources.field import limit_path, named, request_path
from daytwo.model.allotment import allotment, of_containers, pod_level
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.pod_spec import Quantity
from daytwo.model.quantity import amount, quantity, quantity_or_zero
from daytwo.model.runnable import Role, Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.HIGH,
    by_hand="which of the two numbers is wrong is only known by who runs it",
)
def request_above_limit(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that asks for more than it may use.

    Why: the API server refuses such a pod. Where the limit comes from a LimitRange nothing is wrong with the file, the workload is
    accepted, and no pod is ever made.
    Fix: lower the request or raise the limit; write both where a LimitRange gives one.
    Source: https://kubernetes.io/docs/concepts/policy/limit-range/#limitrange-and-admission-checks-for-pods
    """
    for placed in workload.all_containers():
        given = allotment(placed.container, workload, snapshot)
        own = placed.container.resources
        for resource, limit in given.limits.items():
            request = given.requests.get(resource)
            if request is None or not _is_more(request, limit):
                continue
            whose = "its limit is" if resource in own.limits else "a LimitRange of the namespace limits it to"
            yield Hit(
                f"{named(placed)} requests {request} {resource} and {whose} {limit}: no pod can be made",
                path=request_path(placed, resource) if resource in own.requests else limit_path(placed, resource),
                item=f"{placed.container.name}/{resource}",
            )
    if workload.pod_spec.resources is not None:
        yield from _of_the_pod(workload, snapshot)


def _is_more(request: Quantity, limit: Quantity) -> bool:
    """What is no quantity, `resources/quantity-unreadable`, is not compared."""
    try:
        return quantity(request) > quantity(limit)
    except ValueError:
        return False


def _of_the_pod(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """What the pod says as a whole, against itself and against its containers.

    Source: https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go, validatePodResourceConsistency
    """
    whole, together = pod_level(workload), of_containers(workload, snapshot)[0]
    path = f"{workload.pod_path}.resources"
    for resource, request in whole.requests.items():
        wanted, limit = quantity_or_zero(request), whole.limits.get(resource)
        if limit is not None and wanted > quantity_or_zero(limit):
            told = f"the pod requests {amount(resource, wanted)} {resource} and its limit is {limit}: no pod can be made"
            yield Hit(told, path=join(f"{path}.limits", resource), item=f"pod/{resource}")
        elif together.get(resource, Decimal(0)) > wanted:
            asked = amount(resource, together[resource])
            told = f"the pod requests {amount(resource, wanted)} {resource}, and its containers together {asked}: no pod can be made"
            yield Hit(told, path=join(f"{path}.requests", resource), item=f"pod/{resource}")
    for placed in workload.all_containers():
        if placed.role is not Role.MAIN:
            continue
        for resource, value in allotment(placed.container, workload, snapshot).limits.items():
            limit = whole.limits.get(resource)
            if limit is not None and quantity_or_zero(value) > quantity_or_zero(limit):
                yield Hit(
                    f"{named(placed)} may use {value} {resource}, and its pod {limit}: no pod can be made",
                    path=limit_path(placed, resource),
                    item=f"{placed.container.name}/{resource}/pod",
                )
