"""The check `autoscaling/target-wasteful`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import held_metrics, is_made_by_people
from daytwo.model.finding import Hit
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


class Waste(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`lowest_percent`: the lowest share of a request that an autoscaler may hold."""

    lowest_percent: int = 30


@check(
    HorizontalPodAutoscaler,
    heading=Heading.RESOURCES,
    severity=Severity.INFO,
    applies=is_made_by_people,
    options=Waste,
    by_hand="whether the target or the requests should change is only known by who runs it",
)
def target_wasteful(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot, options: Waste) -> Iterator[Hit]:
    """An autoscaler that holds use at less than a third of what its pods request.

    Why: the rest is paid for and kept free on every node. Often the target was chosen for requests that were raised since.
    Fix: raise the target, or lower the requests.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
    """
    for metric, path, item in held_metrics(autoscaler):
        share = metric.target.average_utilization
        if share is not None and share <= options.lowest_percent:
            yield Hit(
                f"holds {metric.name} at {share}% of its requests: the rest stays unused",
                path=f"{path}.target.averageUtilization",
                item=item,
            )
