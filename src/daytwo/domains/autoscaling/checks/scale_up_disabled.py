"""The check `autoscaling/scale-up-disabled`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import is_made_by_people
from daytwo.model.finding import Hit
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    HorizontalPodAutoscaler,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    applies=is_made_by_people,
    by_hand="it may be switched off on purpose for a while",
)
def scale_up_disabled(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler that may never add a replica: behavior.scaleUp.selectPolicy is Disabled.

    Why: it is often left behind after an incident. The workload shrinks at night and does not grow in the morning.
    Fix: remove selectPolicy from behavior.scaleUp.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
    Not: scaling down that is disabled, which only costs money.
    """
    behavior = autoscaler.spec.behavior
    if behavior is not None and behavior.scale_up is not None and behavior.scale_up.select_policy == "Disabled":
        yield Hit("may never scale up: scaleUp.selectPolicy is Disabled", path="spec.behavior.scaleUp.selectPolicy")
