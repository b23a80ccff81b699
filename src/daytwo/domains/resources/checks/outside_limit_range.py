"""The check `resources/outside-limit-range`."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from daytwo.catalog import check
from daytwo.domains.resources.field import named
from daytwo.model.allotment import allotment, bounds_of, totals
from daytwo.model.finding import Hit
from daytwo.model.policy import LimitRangeItem
from daytwo.model.quantity import amount, quantity_or_zero
from daytwo.model.runnable import Role, Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.HIGH,
    by_hand="whether the workload or the LimitRange should change is for their owners to say",
)
def outside_limit_range(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container, or a whole pod, that asks for less or more than a LimitRange of its namespace allows.

    Why: the workload is accepted and every pod of it is refused; only an event on the ReplicaSet says so.
    Fix: bring requests and limits within the range, or widen it.
    Source: https://kubernetes.io/docs/concepts/policy/limit-range/
    Not: what the LimitRange gives by default is within it. Init containers count; a range for pods counts their sum, as the scheduler
    does. Only LimitRanges that were seen can be told.
    """
    for limit_range, item in bounds_of(snapshot, workload.namespace, "Container"):
        for placed in workload.all_containers():
            if placed.role is Role.EPHEMERAL:
                continue
            given = allotment(placed.container, workload, snapshot)
            requests = {resource: quantity_or_zero(value) for resource, value in given.requests.items()}
            limits = {resource: quantity_or_zero(value) for resource, value in given.limits.items()}
            for resource, told in _violations(item, requests, limits):
                yield Hit(
                    f"{named(placed)} {told} (LimitRange {limit_range.name}): every pod is refused",
                    path=f"{placed.path}.resources",
                    item=f"{placed.container.name}/{resource}/{limit_range.name}",
                )
    for limit_range, item in bounds_of(snapshot, workload.namespace, "Pod"):
        requests, limits = totals(workload, snapshot, with_overhead=False)
        for resource, told in _violations(item, requests, limits):
            yield Hit(
                f"the pod {told} (LimitRange {limit_range.name}): every pod is refused",
                path=f"{workload.pod_path}.containers",
                item=f"pod/{resource}/{limit_range.name}",
            )


def _violations(item: LimitRangeItem, requests: Mapping[str, Decimal], limits: Mapping[str, Decimal]) -> Iterator[tuple[str, str]]:
    """Resource and what is wrong with it; one for each resource.

    Source: https://github.com/kubernetes/kubernetes/blob/v1.36.2/plugin/pkg/admission/limitranger/admission.go
    """
    for resource in sorted({*item.min, *item.max, *item.max_limit_request_ratio}):
        request, limit = requests.get(resource), limits.get(resource)
        least, most = item.min.get(resource), item.max.get(resource)
        ratio = item.max_limit_request_ratio.get(resource)
        if least is not None and request is None:
            yield resource, f"requests no {resource}, and at least {least} is asked for"
        elif least is not None and request is not None and request < quantity_or_zero(least):
            yield resource, f"requests {amount(resource, request)} {resource}, less than {least}"
        elif least is not None and limit is not None and limit < quantity_or_zero(least):
            yield resource, f"may use {amount(resource, limit)} {resource}, less than {least}"
        elif most is not None and limit is None:
            yield resource, f"has no limit for {resource}, and at most {most} is allowed"
        elif most is not None and limit is not None and limit > quantity_or_zero(most):
            yield resource, f"may use {amount(resource, limit)} {resource}, more than {most}"
        elif most is not None and request is not None and request > quantity_or_zero(most):
            yield resource, f"requests {amount(resource, request)} {resource}, more than {most}"
        elif ratio is not None and (not request or not limit):
            yield resource, f"lacks a request or a limit for {resource}, of which the ratio must be at most {ratio}"
        elif ratio is not None and request and limit and limit / request > quantity_or_zero(ratio):
            yield resource, f"may use {float(limit / request):.3g} times the {resource} that it requests, more than {ratio} times"
