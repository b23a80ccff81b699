"""Autoscalers that are not part of Kubernetes itself: KEDA's ScaledObject, and the VerticalPodAutoscaler."""

from typing import ClassVar, Final

import msgspec

from daytwo.model.metadata import Resource
from daytwo.model.pod_spec import Quantity
from daytwo.model.workload import ObjectReference

# Those that write requests into pods, made or running; `Off` only advises.
# https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/quickstart.md
ACTIVE_MODES: Final = frozenset({"Auto", "Recreate", "InPlaceOrRecreate", "Initial"})
# What it recommends, whatever else a policy names.
# https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/api.md, controlledResources
VERTICAL_RESOURCES: Final = frozenset({"cpu", "memory"})


class UpdatePolicy(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    update_mode: str = "Recreate"
    min_replicas: int | None = None


class ContainerPolicy(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """What is done to one container, `*` for those without a policy of their own; None of the resources named means both."""

    container_name: str = "*"
    mode: str = "Auto"
    controlled_resources: tuple[str, ...] | None = None
    max_allowed: dict[str, Quantity] = {}


class ResourcePolicy(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    container_policies: tuple[ContainerPolicy, ...] = ()


class VerticalSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    target_ref: ObjectReference = ObjectReference()
    update_policy: UpdatePolicy = UpdatePolicy()
    resource_policy: ResourcePolicy = ResourcePolicy()


class VerticalPodAutoscaler(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """autoscaling.k8s.io VerticalPodAutoscaler."""

    KIND: ClassVar[str] = "VerticalPodAutoscaler"

    spec: VerticalSpec = VerticalSpec()

    def controls(self, container: str, resource: str) -> bool:
        """Whether it writes this container's request of `cpu` or `memory` into pods; no other is any of its business."""
        if resource not in VERTICAL_RESOURCES or self.spec.update_policy.update_mode not in ACTIVE_MODES:
            return False
        named = {policy.container_name: policy for policy in self.spec.resource_policy.container_policies}
        policy = named.get(container) or named.get("*") or ContainerPolicy()
        return policy.mode != "Off" and (policy.controlled_resources is None or resource in policy.controlled_resources)


class ScaleTarget(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    api_version: str = "apps/v1"
    kind: str = "Deployment"
    name: str = ""


class Trigger(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """What is asked for the load; its settings may hold credentials and are not kept."""

    type: str = ""
    metric_type: str = ""


class ScaledObjectSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Defaults: https://keda.sh/docs/latest/reference/scaledobject-spec/."""

    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replica_count: int = 0
    max_replica_count: int = 100
    idle_replica_count: int | None = None
    triggers: tuple[Trigger, ...] = ()


class ScaledObject(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """keda.sh ScaledObject: KEDA makes a HorizontalPodAutoscaler of it, which the ScaledObject then owns."""

    KIND: ClassVar[str] = "ScaledObject"

    spec: ScaledObjectSpec = ScaledObjectSpec()
