"""A pod and what its containers report."""

from typing import ClassVar

import msgspec

from daytwo.model.masking import mask, mask_image
from daytwo.model.metadata import Condition, condition
from daytwo.model.moment import Moment, bound_times
from daytwo.model.pod_spec import PodSpec, Quantity, Resources
from daytwo.model.runnable import Runnable


class Waiting(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    reason: str = ""
    message: str = ""

    def __post_init__(self) -> None:
        if self.message:
            msgspec.structs.force_setattr(self, "message", mask(self.message))


class Running(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    started_at: Moment | None = None

    def __post_init__(self) -> None:
        bound_times(self, "started_at")


class Terminated(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: Moment | None = None
    finished_at: Moment | None = None

    def __post_init__(self) -> None:
        bound_times(self, "started_at", "finished_at")
        if self.message:
            # A termination message may be the tail of a log.
            msgspec.structs.force_setattr(self, "message", mask(self.message))


class ContainerState(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    image: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()
    resources: Resources | None = None

    def __post_init__(self) -> None:
        if "@" in self.image:
            msgspec.structs.force_setattr(self, "image", mask_image(self.image))

    @property
    def waiting_reason(self) -> str:
        return self.state.waiting.reason if self.state.waiting is not None else ""

    @property
    def last_end(self) -> Terminated | None:
        """How the container last ended, in this state or the one before."""
        return self.state.terminated or self.last_state.terminated


class PodStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()
    start_time: Moment | None = None
    nominated_node_name: str = ""
    qos_class: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")

    def __post_init__(self) -> None:
        bound_times(self, "start_time")
        if self.message:
            msgspec.structs.force_setattr(self, "message", mask(self.message))


class Pod(Runnable, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Pod"

    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def pod_spec(self) -> PodSpec:
        return self.spec

    @property
    def pod_labels(self) -> dict[str, str]:
        return self.metadata.labels

    @property
    def pod_annotations(self) -> dict[str, str]:
        return self.metadata.annotations

    @property
    def template_path(self) -> str:
        return ""

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)

    @property
    def is_finished(self) -> bool:
        return self.status.phase in ("Succeeded", "Failed")

    @property
    def is_active(self) -> bool:
        """Neither finished nor on its way out: the pods that a workload counts."""
        return not self.is_finished and not self.is_terminating

    @property
    def is_ready(self) -> bool:
        ready = self.condition("Ready")
        return ready is not None and ready.status == "True" and not self.is_terminating

    @property
    def is_mirror(self) -> bool:
        """A static pod's mirror: no controller and no budget, but part of the control plane."""
        return "kubernetes.io/config.mirror" in self.metadata.annotations

    @property
    def statuses(self) -> tuple[ContainerStatus, ...]:
        return (*self.status.init_container_statuses, *self.status.container_statuses)

    def limit(self, container: str, resource: str) -> Quantity | None:
        """The limit of a container, as written; None when there is none."""
        for candidate in (*self.spec.containers, *self.spec.init_containers):
            if candidate.name == container:
                return candidate.resources.limits.get(resource)
        return None
