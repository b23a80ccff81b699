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


class MetricTarget(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """What a metric is held at: a percentage of the request, or a value."""

    type: str = ""
    average_utilization: int | None = None
    average_value: Quantity | None = None


class ResourceMetric(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """The use of `cpu` or `memory`, of all containers of a pod or of the one named."""

    name: str = ""
    container: str = ""
    target: MetricTarget = MetricTarget()


class Metric(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """One of an autoscaler's metrics; of those that are not about resources only the type is kept."""

    type: str = ""
    resource: ResourceMetric | None = None
    container_resource: ResourceMetric | None = None

    @property
    def of_resource(self) -> ResourceMetric | None:
        return self.resource or self.container_resource


class ScalingPolicy(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """How much may change in a period: `value` Pods or Percent."""

    type: str = ""
    value: int = 0
    period_seconds: int = 0


class ScalingRules(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    stabilization_window_seconds: int | None = None
    select_policy: str = "Max"
    policies: tuple[ScalingPolicy, ...] = ()


class ScalingBehavior(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    scale_up: ScalingRules | None = None
    scale_down: ScalingRules | None = None


class AutoscalerSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    scale_target_ref: ObjectReference = ObjectReference()
    min_replicas: int = 1
    max_replicas: int = 0
    metrics: tuple[Metric, ...] = ()
    behavior: ScalingBehavior | None = None


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


class ScopeRequirement(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    scope_name: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class ScopeSelector(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    match_expressions: tuple[ScopeRequirement, ...] = ()


class QuotaSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    hard: dict[str, Quantity] = {}
    scopes: tuple[str, ...] = ()
    scope_selector: ScopeSelector | None = None


class QuotaStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    hard: dict[str, Quantity] = {}
    used: dict[str, Quantity] = {}


class ResourceQuota(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "ResourceQuota"

    spec: QuotaSpec = QuotaSpec()
    status: QuotaStatus = QuotaStatus()

    @property
    def is_scoped(self) -> bool:
        """Whether it counts only some of the pods of its namespace."""
        return bool(self.spec.scopes) or self.spec.scope_selector is not None


class LimitRangeItem(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Bounds and defaults of one `type`: Container, Pod, PersistentVolumeClaim."""

    type: str = ""
    max: dict[str, Quantity] = {}
    min: dict[str, Quantity] = {}
    default: dict[str, Quantity] = {}
    default_request: dict[str, Quantity] = {}
    max_limit_request_ratio: dict[str, Quantity] = {}


class LimitRangeSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    limits: tuple[LimitRangeItem, ...] = ()


class LimitRange(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "LimitRange"

    spec: LimitRangeSpec = LimitRangeSpec()


class PriorityClass(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "PriorityClass"

    value: int = 0
    global_default: bool = False
