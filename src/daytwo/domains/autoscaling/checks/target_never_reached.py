"""The check `autoscaling/target-never-reached`."""

from collections.abc import Iterator
from decimal import Decimal

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import held_metrics, is_made_by_people, workload_of
from daytwo.model.allotment import allotment, pod_level, totals
from daytwo.model.finding import Hit
from daytwo.model.policy import HorizontalPodAutoscaler, ResourceMetric
from daytwo.model.quantity import amount, quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    HorizontalPodAutoscaler,
    heading=Heading.RESOURCES,
    severity=Severity.HIGH,
    applies=is_made_by_people,
    by_hand="whether the target, the requests or the limits are wrong is only known by who runs it",
)
def target_never_reached(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler that waits for more use than the containers' limits allow.

    Why: the share is of the request, and use ends at the limit: CPU is throttled there and memory is killed. If the limit is below
    the target, the workload suffers and is never scaled up.
    Fix: lower the target below limit divided by request, or raise or drop the limit.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
    Not: containers without a limit for that resource; targets above 100 % whose limits leave room for them.
    """
    workload = workload_of(autoscaler, snapshot) if autoscaler.spec.metrics else None
    if workload is None:
        return
    for metric, path, item in held_metrics(autoscaler):
        share = metric.target.average_utilization
        bounds = _bounds(metric, workload, snapshot)
        if share is None or bounds is None:
            continue
        request, limit = bounds
        if limit * 100 <= request * share:
            yield Hit(
                f"waits for {share}% of {amount(metric.name, request)} {metric.name}, and the limit of {amount(metric.name, limit)} "
                f"ends use at {int(limit * 100 / request)}%: it never scales up",
                path=f"{path}.target.averageUtilization",
                item=item,
                fix=f"set the target below {int(limit * 100 / request)}",
            )


def _bounds(metric: ResourceMetric, workload: Runnable, snapshot: Snapshot) -> tuple[Decimal, Decimal] | None:
    """The request that the share is of, and the most that can be used; None where that is not bounded, or there is no request."""
    whole = pod_level(workload)
    if whole.requests and not metric.container:
        total = totals(workload, snapshot)[0].get(metric.name)
        if metric.name in whole.limits:
            return (total, quantity_or_zero(whole.limits[metric.name])) if total else None
        return None
    request = limit = Decimal(0)
    for placed in workload.running_containers():
        if metric.container not in ("", placed.container.name):
            continue
        given = allotment(placed.container, workload, snapshot)
        if metric.name not in given.requests or metric.name not in given.limits:
            return None
        request += quantity_or_zero(given.requests[metric.name])
        limit += quantity_or_zero(given.limits[metric.name])
    return (request, limit) if request else None
