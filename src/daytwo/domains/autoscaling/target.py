"""What an autoscaler is about: the workload that it scales, and the metrics that it holds."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from daytwo.model.autoscaler import ScaledObject, VerticalPodAutoscaler
from daytwo.model.kinds import BY_NAME
from daytwo.model.nearness import nearest
from daytwo.model.policy import HorizontalPodAutoscaler, MetricTarget, ResourceMetric
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.scaling import Scaler, target_of
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, ReplicaSet, Rollout, StatefulSet, Workload

UTILIZATION: Final = "Utilization"
SCALABLE: Final[dict[str, type[Workload]]] = {kind.KIND: kind for kind in (Deployment, StatefulSet, ReplicaSet, Rollout)}


class Held(NamedTuple):
    """One resource of pods, or of one container, that an autoscaler holds at a share of the request; `path` is where it says so."""

    metric: ResourceMetric
    path: str
    item: str


def workload_of(scaler: Scaler | VerticalPodAutoscaler, snapshot: Snapshot) -> Runnable | None:
    """What it scales, with its pod template: for a Rollout that refers to a Deployment, that Deployment.

    None where it does not exist or is of a kind without one; raises Unseen where it may exist and was not read.
    """
    target = target_of(scaler)
    found = _found(target, snapshot)
    if isinstance(found, Rollout) and found.spec.workload_ref is not None:
        return _found(Ref(found.spec.workload_ref.kind, target.namespace, found.spec.workload_ref.name), snapshot)
    return found


def _found(target: Ref, snapshot: Snapshot) -> Runnable | None:
    found = snapshot.find(target)
    if found is None and target.kind in BY_NAME:
        snapshot.require(target.kind, target.namespace)
    return found if isinstance(found, Runnable) else None


def held_metrics(scaler: Scaler) -> Iterator[Held]:
    """The resources whose use it holds at a share of the request. An autoscaler without metrics holds 80 % of the CPU request.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
    """
    if isinstance(scaler, ScaledObject):
        for index, trigger in enumerate(scaler.spec.triggers):
            if trigger.type in ("cpu", "memory") and trigger.metric_type == UTILIZATION:
                yield Held(ResourceMetric(trigger.type, target=MetricTarget(UTILIZATION)), f"spec.triggers[{index}]", trigger.type)
        return
    if not scaler.spec.metrics:
        yield Held(ResourceMetric("cpu", target=MetricTarget(UTILIZATION, 80)), "spec.metrics", "cpu")
    for index, metric in enumerate(scaler.spec.metrics):
        resource = metric.of_resource
        if resource is not None and resource.target.type == UTILIZATION:
            field = "resource" if metric.resource is not None else "containerResource"
            item = f"{resource.container}/{resource.name}" if resource.container else resource.name
            yield Held(resource, f"spec.metrics[{index}].{field}", item)


def is_made_by_people(autoscaler: HorizontalPodAutoscaler) -> bool:
    """Not one that a controller, such as KEDA, makes of an object of its own: whatever is wrong is mended there."""
    return autoscaler.controller is None


def meant(target: Ref, snapshot: Snapshot) -> str:
    """The workload that was probably meant by a name that nothing has: `Deployment web`; empty when none is near."""
    kind = SCALABLE.get(target.kind)
    near = nearest(target.name, [one.name for one in snapshot.seen(kind, target.namespace)]) if kind is not None else ""
    return f"{target.kind} {near}" if near else ""
