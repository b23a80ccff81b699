"""The check `autoscaling/autoscalers-overlap`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.autoscaler import ScaledObject
from daytwo.model.finding import Hit
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.scaling import Scaler, scalers_of, target_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    HorizontalPodAutoscaler,
    ScaledObject,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    applies=lambda scaler: scaler.controller is None or scaler.controller.kind != ScaledObject.KIND,
    by_hand="which of the two autoscalers should stay is for a person to say",
)
def autoscalers_overlap(scaler: Scaler, snapshot: Snapshot) -> Iterator[Hit]:
    """Two autoscalers of one workload. Told once for each pair, on the first by name.

    Why: two HorizontalPodAutoscalers of the same pods stop each other (`AmbiguousSelector`), and the workload stays at the size it
    had; a ScaledObject makes one more of them.
    Fix: keep one, with all metrics in it: the largest answer counts.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
    Not: the autoscaler that KEDA makes of a ScaledObject itself, and one that a ScaledObject is told to take over; a
    VerticalPodAutoscaler.
    """
    if _takes_over(scaler):
        return
    for other in scalers_of(target_of(scaler), snapshot):
        if (other.KIND, other.name) <= (scaler.KIND, scaler.name) or _takes_over(other):
            continue
        target = target_of(scaler)
        yield Hit(
            f"scales {target.kind} {target.name}, as {other.KIND} {other.name} does: neither works",
            path="spec.scaleTargetRef",
            item=f"{other.KIND}/{other.name}",
            fix="keep one of them, with the metrics of both",
        )


def _takes_over(scaler: Scaler) -> bool:
    return scaler.annotations.get("scaledobject.keda.sh/transfer-hpa-ownership") == "true"
