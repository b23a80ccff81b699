"""What runs pods: the built-in workloads, Argo's Rollout, and any custom kind with a pod template."""

from datetime import datetime
from typing import ClassVar

import msgspec

from daytwo.model.masking import mask
from daytwo.model.metadata import Condition, Resource, condition
from daytwo.model.moment import Moment, bound_times
from daytwo.model.pod_spec import PodSpec, PodTemplate, Resources
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.selector import Selector

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


class RollingUpdate(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    max_unavailable: int | str | None = None
    max_surge: int | str | None = None
    partition: int | None = None


class Strategy(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    type: str = ""
    rolling_update: RollingUpdate | None = None


class Workload(Runnable, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """The common face of everything with a pod template."""

    @property
    def template(self) -> PodTemplate:
        raise NotImplementedError(f"{type(self).__name__} has no pod template")

    @property
    def pod_spec(self) -> PodSpec:
        return self.template.spec

    @property
    def pod_labels(self) -> dict[str, str]:
        return self.template.metadata.labels

    @property
    def pod_annotations(self) -> dict[str, str]:
        return self.template.metadata.annotations

    @property
    def replicas(self) -> int:
        """How many pods are wanted; 1 where the kind has no such number."""
        return 1


class DeploymentSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    replicas: int = 1
    selector: Selector = Selector()
    template: PodTemplate = PodTemplate()
    strategy: Strategy = Strategy()
    min_ready_seconds: int = 0
    progress_deadline_seconds: int = 600
    revision_history_limit: int = 10
    paused: bool = False


class DeploymentStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Absent numbers are zero, as the API server leaves zero out."""

    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    conditions: tuple[Condition, ...] = ()


class Deployment(Workload, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Deployment"

    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()

    @property
    def template(self) -> PodTemplate:
        return self.spec.template

    @property
    def replicas(self) -> int:
        return self.spec.replicas

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)

    @property
    def revision(self) -> int:
        """The number of the current revision; 0 before the controller first wrote it."""
        return _number(self.metadata.annotations.get(REVISION, ""))

    def is_rolling(self, at: datetime) -> bool:
        """A rollout within its deadline: not observed yet, or progressing and last updated less than progressDeadlineSeconds ago."""
        if self.metadata.generation > self.status.observed_generation:
            return True
        progressing = self.condition("Progressing")
        if progressing is None or progressing.status != "True" or progressing.last_update_time is None:
            return False
        if progressing.reason not in ("NewReplicaSetCreated", "FoundNewReplicaSet", "ReplicaSetUpdated"):
            return False
        return (at - progressing.last_update_time).total_seconds() < self.spec.progress_deadline_seconds


class ReplicaSetSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    replicas: int = 1
    selector: Selector = Selector()
    template: PodTemplate = PodTemplate()


class ReplicaSetStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: tuple[Condition, ...] = ()


class ReplicaSet(Workload, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "ReplicaSet"

    spec: ReplicaSetSpec = ReplicaSetSpec()
    status: ReplicaSetStatus = ReplicaSetStatus()

    @property
    def template(self) -> PodTemplate:
        return self.spec.template

    @property
    def replicas(self) -> int:
        return self.spec.replicas

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)

    @property
    def revision(self) -> int:
        return _number(self.metadata.annotations.get(REVISION, ""))

    @property
    def was_revived(self) -> bool:
        """An undo brought it back: its creation is not when it became current."""
        return REVISION_HISTORY in self.metadata.annotations


class Ordinals(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    start: int = 0


class StatefulSetSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    replicas: int = 1
    selector: Selector = Selector()
    template: PodTemplate = PodTemplate()
    service_name: str = ""
    pod_management_policy: str = "OrderedReady"
    update_strategy: Strategy = Strategy()
    min_ready_seconds: int = 0
    revision_history_limit: int = 10
    volume_claim_templates: tuple["ClaimTemplate", ...] = ()
    ordinals: Ordinals = Ordinals()


class ClaimTemplateMetadata(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""


class ClaimTemplateSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    access_modes: tuple[str, ...] = ()
    storage_class_name: str | None = None
    resources: Resources = Resources()


class ClaimTemplate(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    metadata: ClaimTemplateMetadata = ClaimTemplateMetadata()
    spec: ClaimTemplateSpec = ClaimTemplateSpec()


class StatefulSetStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    current_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    conditions: tuple[Condition, ...] = ()


class StatefulSet(Workload, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "StatefulSet"

    spec: StatefulSetSpec = StatefulSetSpec()
    status: StatefulSetStatus = StatefulSetStatus()

    @property
    def template(self) -> PodTemplate:
        return self.spec.template

    @property
    def replicas(self) -> int:
        return self.spec.replicas


class DaemonSetSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    selector: Selector = Selector()
    template: PodTemplate = PodTemplate()
    update_strategy: Strategy = Strategy()
    min_ready_seconds: int = 0
    revision_history_limit: int = 10


class DaemonSetStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    observed_generation: int = 0
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    number_available: int = 0
    number_ready: int = 0
    number_misscheduled: int = 0
    updated_number_scheduled: int = 0


class DaemonSet(Workload, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "DaemonSet"

    spec: DaemonSetSpec = DaemonSetSpec()
    status: DaemonSetStatus = DaemonSetStatus()

    @property
    def template(self) -> PodTemplate:
        return self.spec.template

    @property
    def replicas(self) -> int:
        return self.status.desired_number_scheduled


class JobSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    parallelism: int = 1
    completions: int | None = None
    completion_mode: str = "NonIndexed"
    backoff_limit: int = 6
    backoff_limit_per_index: int | None = None
    active_deadline_seconds: int | None = None
    suspend: bool = False
    ttl_seconds_after_finished: int | None = None
    managed_by: str = ""
    template: PodTemplate = PodTemplate()


class JobStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    ready: int = 0
    start_time: Moment | None = None
    completion_time: Moment | None = None
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        bound_times(self, "start_time", "completion_time")


class Job(Workload, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Job"

    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()

    @property
    def template(self) -> PodTemplate:
        return self.spec.template

    @property
    def replicas(self) -> int:
        return self.spec.parallelism

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)


class JobTemplate(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    spec: JobSpec = JobSpec()


class ObjectReference(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """A reference to any object, as events, HPAs and CronJobs carry it."""

    api_version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    field_path: str = ""


class CronJobSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    schedule: str = ""
    time_zone: str = ""
    suspend: bool = False
    concurrency_policy: str = "Allow"
    starting_deadline_seconds: int | None = None
    successful_jobs_history_limit: int = 3
    failed_jobs_history_limit: int = 1
    job_template: JobTemplate = JobTemplate()


class CronJobStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    active: tuple[ObjectReference, ...] = ()
    last_schedule_time: Moment | None = None
    last_successful_time: Moment | None = None

    def __post_init__(self) -> None:
        bound_times(self, "last_schedule_time", "last_successful_time")


class CronJob(Workload, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "CronJob"

    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()

    @property
    def template(self) -> PodTemplate:
        return self.spec.job_template.spec.template

    @property
    def template_path(self) -> str:
        return "spec.jobTemplate.spec.template."


class RevisionData(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """What a ControllerRevision keeps: the spec's pod template."""

    class Spec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
        template: PodTemplate = PodTemplate()

    spec: Spec = Spec()


class ControllerRevision(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """A past or present template of a StatefulSet or DaemonSet."""

    KIND: ClassVar[str] = "ControllerRevision"

    revision: int = 0
    data: RevisionData = RevisionData()


class PauseCondition(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    reason: str = ""
    start_time: Moment | None = None

    def __post_init__(self) -> None:
        bound_times(self, "start_time")


class RolloutStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    pause_conditions: tuple[PauseCondition, ...] = ()
    phase: str = ""
    message: str = ""
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    updated_replicas: int = 0
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        if self.message:
            msgspec.structs.force_setattr(self, "message", mask(self.message))


class WorkloadRef(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    kind: str = ""
    name: str = ""


class Canary(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """The old pods go as the new ones come, within the same bounds as a Deployment's."""

    max_surge: int | str | None = None
    max_unavailable: int | str | None = None
    stable_service: str = ""
    canary_service: str = ""


class BlueGreen(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """The old pods stay until the new ones are all there."""

    active_service: str = ""
    preview_service: str = ""


class RolloutStrategy(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    canary: Canary | None = None
    blue_green: BlueGreen | None = None


class RolloutSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """`revision_history_limit` None means 10, which its controller does not write."""

    replicas: int = 1
    selector: Selector = Selector()
    template: PodTemplate = PodTemplate()
    workload_ref: WorkloadRef | None = None
    strategy: RolloutStrategy = RolloutStrategy()
    min_ready_seconds: int = 0
    progress_deadline_seconds: int | None = None
    revision_history_limit: int | None = None
    paused: bool = False


class Rollout(Workload, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """argoproj.io Rollout."""

    KIND: ClassVar[str] = "Rollout"

    spec: RolloutSpec = RolloutSpec()
    status: RolloutStatus = RolloutStatus()

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)

    @property
    def template(self) -> PodTemplate:
        return self.spec.template

    @property
    def replicas(self) -> int:
        return self.spec.replicas


class CustomSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    replicas: int = 1
    template: PodTemplate = PodTemplate()


class CustomWorkload(Workload, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """An object of a custom kind whose schema has `spec.template.spec.containers`; `kind` is its unique name, with the group."""

    KIND: ClassVar[str] = "CustomWorkload"

    kind: str = ""
    spec: CustomSpec = CustomSpec()

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.metadata.namespace, self.metadata.name)

    @property
    def template(self) -> PodTemplate:
        return self.spec.template

    @property
    def replicas(self) -> int:
        return self.spec.replicas


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
