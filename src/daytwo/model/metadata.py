"""What every object carries, and the base of all kinds."""

from datetime import datetime
from typing import ClassVar, Final

import msgspec

from daytwo.model.masking import mask, mask_annotations
from daytwo.model.moment import Moment, bound_times
from daytwo.model.origin import Origin
from daytwo.model.ref import Ref

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"

# Of everything that managedFields can name, the fields whose last writer a check or a problem asks for.
_FIELDS_OF_INTEREST: Final = {
    b'"f:suspend"': "suspend",
    b'"f:unschedulable"': "unschedulable",
    b'"f:data"': "data",
    b'"f:replicas"': "replicas",
    b'"f:template"': "template",
    b'"f:paused"': "paused",
    b'"f:hard"': "hard",
    b'"f:webhooks"': "webhooks",
    b'"f:spec"': "spec",
    b'"f:selector"': "selector",
}
_NOTHING: Final = msgspec.Raw()


class ManagedField(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Who wrote, how, when, and which of the few fields in use: the field tree itself is dropped as this is made.

    `api_version` is kept where it is an alpha or a beta: any other stays, and nobody asks for it.
    """

    manager: str = ""
    operation: str = ""
    time: Moment | None = None
    subresource: str = ""
    api_version: str = ""
    fields: tuple[str, ...] = ()
    fields_v1: msgspec.Raw = msgspec.field(default=_NOTHING, name="fieldsV1")

    def __post_init__(self) -> None:
        bound_times(self, "time")
        if self.api_version and "alpha" not in self.api_version and "beta" not in self.api_version:
            msgspec.structs.force_setattr(self, "api_version", "")
        if self.fields_v1 is not _NOTHING:
            raw = bytes(self.fields_v1)
            force = msgspec.structs.force_setattr
            force(self, "fields", tuple(name for token, name in _FIELDS_OF_INTEREST.items() if token in raw))
            force(self, "fields_v1", _NOTHING)


class OwnerReference(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    api_version: str
    kind: str
    name: str
    uid: str = ""
    controller: bool = False


class Metadata(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Object metadata. Annotation values are masked, and `last-applied-configuration` is reduced to its apiVersion, as this is made."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[OwnerReference, ...] = ()
    creation_timestamp: Moment | None = None
    deletion_timestamp: Moment | None = None
    deletion_grace_period_seconds: int | None = None
    finalizers: tuple[str, ...] = ()
    generation: int = 0
    resource_version: str = ""
    managed_fields: tuple[ManagedField, ...] = ()

    def __post_init__(self) -> None:
        bound_times(self, "creation_timestamp", "deletion_timestamp")
        mask_annotations(self.annotations)


class Condition(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """One of `status.conditions`; `status` is True, False or Unknown, and any other value is data."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: Moment | None = None
    last_update_time: Moment | None = None
    last_heartbeat_time: Moment | None = None
    observed_generation: int | None = None

    def __post_init__(self) -> None:
        bound_times(self, "last_transition_time", "last_update_time", "last_heartbeat_time")
        if self.message:
            msgspec.structs.force_setattr(self, "message", mask(self.message))


def condition(conditions: tuple[Condition, ...], type: str) -> Condition | None:
    """The condition of this type, or None before its controller first wrote it."""
    for candidate in conditions:
        if candidate.type == type:
            return candidate
    return None


class Resource(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """Any object of a cluster. Subclasses are the kinds daytwo knows; `KIND` is the name that `Ref` uses."""

    KIND: ClassVar[str] = ""

    metadata: Metadata = Metadata()
    # No object of a cluster has a field of this name.
    origin: Origin | None = msgspec.field(default=None, name="$origin")

    @property
    def ref(self) -> Ref:
        return Ref(self.KIND, self.metadata.namespace, self.metadata.name)

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str:
        return self.metadata.namespace

    @property
    def labels(self) -> dict[str, str]:
        return self.metadata.labels

    @property
    def annotations(self) -> dict[str, str]:
        return self.metadata.annotations

    @property
    def created(self) -> datetime | None:
        return self.metadata.creation_timestamp

    @property
    def is_declared(self) -> bool:
        """It stands in a file as somebody wants it, and nobody saw it in a cluster."""
        return self.origin is not None and not self.origin.is_observed

    @property
    def is_terminating(self) -> bool:
        return self.metadata.deletion_timestamp is not None

    @property
    def controller(self) -> OwnerReference | None:
        """The one owner that controls this object, if any."""
        for owner in self.metadata.owner_references:
            if owner.controller:
                return owner
        return None

    def last_write(self, field: str) -> ManagedField | None:
        """The newest entry of managedFields that owns one of the fields in use (`suspend`, `unschedulable`, `data`, `replicas`, …)."""
        newest: ManagedField | None = None
        for entry in self.metadata.managed_fields:
            if field in entry.fields and entry.time is not None and (newest is None or newest.time is None or entry.time > newest.time):
                newest = entry
        return newest
