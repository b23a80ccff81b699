"""The check `autoscaling/scale-down-without-stabilization`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import is_made_by_people
from daytwo.model.finding import Hit
from daytwo.model.policy import HorizontalPodAutoscaler, ScalingRules
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# The controller's own, where the autoscaler says nothing:
# https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior
_DEFAULT_SECONDS: Final = 300
# Shorter than this, two readings of the metrics decide (they are taken every 15 seconds, over up to a minute).
_SHORT_SECONDS: Final = 60


@check(HorizontalPodAutoscaler, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, applies=is_made_by_people)
def scale_down_without_stabilization(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler that takes most of its replicas away as soon as the load dips.

    Why: without a stabilization window one low reading, a gap between two batches or a metric that fails for a moment, removes every
    replica above the minimum at once; the load that comes back meets what is left.
    Fix: leave behavior.scaleDown.stabilizationWindowSeconds at its default of 300, or let a policy take a few pods at a time.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
    Not: a short window under policies that take less than half of the replicas in a minute; scaling down that is disabled; a range of
    two replicas or fewer.
    """
    rules = autoscaler.spec.behavior.scale_down if autoscaler.spec.behavior is not None else None
    if rules is None or rules.select_policy == "Disabled":
        return
    window = _DEFAULT_SECONDS if rules.stabilization_window_seconds is None else rules.stabilization_window_seconds
    fewest, most = autoscaler.spec.min_replicas, autoscaler.spec.max_replicas
    if window >= _SHORT_SECONDS or most - fewest <= 2:
        return
    gone = _gone_in_a_minute(rules, most)
    if gone * 2 < most:
        return
    yield Hit(
        f"waits {window} seconds before it scales down, and may then take {min(gone, most - fewest)} of {most} replicas within a minute",
        path="spec.behavior.scaleDown.stabilizationWindowSeconds",
        fix="set stabilizationWindowSeconds to 300, its default",
        repair=setting("spec.behavior.scaleDown.stabilizationWindowSeconds", _DEFAULT_SECONDS),
    )


def _gone_in_a_minute(rules: ScalingRules, replicas: int) -> int:
    """How many of these replicas the policies let go within a minute; without policies all of them, every 15 seconds."""
    if not rules.policies:
        return replicas
    allowed = []
    for policy in rules.policies:
        left = replicas
        for _ in range(max(1, 60 // policy.period_seconds) if policy.period_seconds else 1):
            # A percentage is rounded up, https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/podautoscaler/horizontal.go
            left -= policy.value if policy.type == "Pods" else -(-left * policy.value // 100)
        allowed.append(replicas - max(left, 0))
    return min(allowed) if rules.select_policy == "Min" else max(allowed)
