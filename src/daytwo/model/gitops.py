"""What delivers from Git: Argo CD's Applications, Flux's Kustomizations and HelmReleases."""

from typing import ClassVar

import msgspec

from daytwo.model.masking import mask
from daytwo.model.metadata import Condition, Resource, condition
from daytwo.model.moment import Moment, bound_times

SKIPS_RECONCILING = "argocd.argoproj.io/skip-reconcile"


class ApplicationCondition(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Argo CD's own sort of condition: an error or a warning, there while it lasts."""

    type: str = ""
    message: str = ""
    last_transition_time: Moment | None = None

    def __post_init__(self) -> None:
        bound_times(self, "last_transition_time")
        msgspec.structs.force_setattr(self, "message", mask(self.message))


class Sync(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How a cluster compares with Git: Synced, OutOfSync or Unknown; `revision` is what of Git it was compared with."""

    status: str = ""
    revision: str = ""


class Health(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Healthy, Progressing, Degraded, Suspended, Missing or Unknown."""

    status: str = ""
    message: str = ""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "message", mask(self.message))


class Operation(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """The sync that is under way, or was the last: Running, Terminating, Succeeded, Failed or Error."""

    phase: str = ""
    message: str = ""
    started_at: Moment | None = None
    finished_at: Moment | None = None

    def __post_init__(self) -> None:
        bound_times(self, "started_at", "finished_at")
        msgspec.structs.force_setattr(self, "message", mask(self.message))


class ManagedResource(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One object of an Application that is not as it should be."""

    kind: str = ""
    namespace: str = ""
    name: str = ""
    status: str = ""
    health: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {f'{self.namespace}/' if self.namespace else ''}{self.name}"


class Application(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """argoproj.io Application. `is_automated`: Argo CD syncs without being asked. `amiss` are the first of its objects with a fault."""

    KIND: ClassVar[str] = "Application"

    is_automated: bool = False
    sync: Sync = Sync()
    health: Health = Health()
    operation: Operation | None = None
    conditions: tuple[ApplicationCondition, ...] = ()
    amiss: tuple[ManagedResource, ...] = ()


class FluxSpec(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    suspend: bool = False


class FluxStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class FluxObject(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """The common face of what Flux applies."""

    spec: FluxSpec = FluxSpec()
    status: FluxStatus = FluxStatus()

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)


class Kustomization(FluxObject, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """kustomize.toolkit.fluxcd.io Kustomization, not the file that kustomize itself reads."""

    KIND: ClassVar[str] = "Kustomization"


class HelmRelease(FluxObject, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """helm.toolkit.fluxcd.io HelmRelease, without its values."""

    KIND: ClassVar[str] = "HelmRelease"
