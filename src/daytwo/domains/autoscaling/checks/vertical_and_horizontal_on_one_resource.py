"""The check `autoscaling/vertical-and-horizontal-on-one-resource`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import held_metrics, workload_of
from daytwo.model.autoscaler import ACTIVE_MODES, VerticalPodAutoscaler
from daytwo.model.finding import Hit
from daytwo.model.scaling import scalers_of, target_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    VerticalPodAutoscaler,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    by_hand="which of the two should scale this resource is a decision about the workload",
)
def vertical_and_horizontal_on_one_resource(vertical: VerticalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """A VerticalPodAutoscaler that writes the very request that a horizontal one measures against.

    Why: each answer of one changes the question of the other: use grows, the request grows, the share falls, replicas go, use grows.
    The number of pods and their size swing.
    Fix: let the vertical one control another resource (`controlledResources: [memory]`) or only advise (`updateMode: "Off"`), or
    scale horizontally on a metric of the application.
    Source: https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/known-limitations.md
    Not: `updateMode: "Off"`; metrics of other resources, of values instead of shares, or of containers that it leaves alone.
    """
    if vertical.spec.update_policy.update_mode not in ACTIVE_MODES:
        return
    target = target_of(vertical)
    for scaler in scalers_of(target, snapshot):
        for held in held_metrics(scaler):
            workload = workload_of(vertical, snapshot)
            names = [placed.container.name for placed in workload.running_containers()] if workload is not None else ["*"]
            if held.metric.container:
                names = [held.metric.container]
            if any(vertical.controls(name, held.metric.name) for name in names):
                yield Hit(
                    f"writes the {held.metric.name} requests that {scaler.KIND} {scaler.name} scales {target.kind} {target.name} by",
                    path="spec.updatePolicy.updateMode",
                    item=f"{scaler.name}/{held.item}",
                    fix=f'leave {held.metric.name} out of controlledResources, or set updateMode to "Off"',
                )
