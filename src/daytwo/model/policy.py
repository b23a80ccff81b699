"""Rules that a cluster holds workloads to: disruption budgets, autoscalers, quotas, priorities."""

from typing import ClassVar

import msgspec

from daytwo.model.metadata import Condition, Resource, condition
from daytwo.model.moment import Moment, bound_times
from daytwo.model.pod_spec import Quantity
from daytwo.model.ref import Ref
from daytwo.model.selector import Selector
from daytwo.model.workload import ObjectReference


class BudgetSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """policy/v1: an absent selector selects nothing, an empty one every pod of the namespace."""

    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    selector: Selector | None = None
    unhealthy_pod_eviction_policy: str = "IfHealthyBudget"


class BudgetStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """`disrupted_pods` maps a pod's name to when its eviction was allowed, until the disruption controller sees it go."""

    observed_generation: int = 0
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    disrupted_pods: dict[str, Moment] = {}
    conditions: tuple[Condition, ...] = ()


class PodDisruptionBudget(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "PodDisruptionBudget"

    spec: BudgetSpec = BudgetSpec()
    status: BudgetStatus = BudgetStatus()

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)

    def selects(self, pod_labels: dict[str, str]) -> bool:
        """Whether a pod of this namespace with these labels is protected."""
        return self.spec.selector is not None and self.spec.selector.matches(pod_labels)


class AutoscalerSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    scale_target_ref: ObjectReference = ObjectReference()
    min_replicas: int = 1
    max_replicas: int = 0


class AutoscalerStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    current_replicas: int = 0
    desired_replicas: int = 0
    last_scale_time: Moment | None = None
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        bound_times(self, "last_scale_time")


class HorizontalPodAutoscaler(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "HorizontalPodAutoscaler"

    spec: AutoscalerSpec = AutoscalerSpec()
    status: AutoscalerStatus = AutoscalerStatus()

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)

    @property
    def target(self) -> Ref:
        """What it scales; the kind is as written, since the API server does not check it."""
        return Ref(self.spec.scale_target_ref.kind, self.metadata.namespace, self.spec.scale_target_ref.name)


class QuotaSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    hard: dict[str, Quantity] = {}
    scopes: tuple[str, ...] = ()


class QuotaStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    hard: dict[str, Quantity] = {}
    used: dict[str, Quantity] = {}


class ResourceQuota(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "ResourceQuota"

    spec: QuotaSpec = QuotaSpec()
    status: QuotaStatus = QuotaStatus()


class LimitRange(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "LimitRange"


class PriorityClass(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "PriorityClass"

    value: int = 0
    global_default: bool = False
