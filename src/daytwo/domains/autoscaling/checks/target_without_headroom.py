"""The check `autoscaling/target-without-headroom`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import held_metrics, is_made_by_people
from daytwo.model.finding import Hit
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


class Headroom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`highest_percent`: the highest share of the CPU request that an autoscaler may wait for."""

    highest_percent: int = 90


@check(
    HorizontalPodAutoscaler,
    heading=Heading.RESOURCES,
    severity=Severity.LOW,
    applies=is_made_by_people,
    options=Headroom,
    by_hand="how much room a workload needs until new pods are ready is only known by who runs it",
)
def target_without_headroom(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot, options: Headroom) -> Iterator[Hit]:
    """An autoscaler that waits until nearly all of the requested CPU is in use.

    Why: a new pod takes a minute or more to count, and the controller tolerates 10 % above the target: load that grows meanwhile has
    nowhere to go.
    Fix: lower the target; 50 to 80 % is common.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
    Not: targets of memory, which is often used in full on purpose; targets above 100 %, chosen for requests far below use.
    """
    for metric, path, item in held_metrics(autoscaler):
        share = metric.target.average_utilization
        if metric.name == "cpu" and share is not None and options.highest_percent <= share <= 100:
            yield Hit(f"scales up only at {share}% of the requested CPU", path=f"{path}.target.averageUtilization", item=item)
