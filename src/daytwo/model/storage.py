"""Volumes: claims, the volumes behind them, their classes and attachments."""

from typing import ClassVar

import msgspec

from daytwo.model.masking import mask
from daytwo.model.metadata import Condition, Resource
from daytwo.model.moment import Moment, bound_times
from daytwo.model.pod_spec import HostPath, NodeSelector, Quantity, Resources
from daytwo.model.workload import ObjectReference

SELECTED_NODE = "volume.kubernetes.io/selected-node"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


class ClaimSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """`storage_class_name` None means the default class; the empty string means none at all."""

    storage_class_name: str | None = None
    volume_name: str = ""
    access_modes: tuple[str, ...] = ()
    resources: Resources = Resources()


class ClaimStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    phase: str = ""
    capacity: dict[str, Quantity] = {}
    conditions: tuple[Condition, ...] = ()


class PersistentVolumeClaim(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "PersistentVolumeClaim"

    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()


class VolumeNodeAffinity(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    required: NodeSelector | None = None


class CSISource(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    driver: str = ""


class VolumeSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    capacity: dict[str, Quantity] = {}
    access_modes: tuple[str, ...] = ()
    claim_ref: ObjectReference | None = None
    persistent_volume_reclaim_policy: str = "Retain"
    storage_class_name: str = ""
    node_affinity: VolumeNodeAffinity | None = None
    csi: CSISource | None = None
    host_path: HostPath | None = None
    local: HostPath | None = None


class VolumeStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    phase: str = ""
    reason: str = ""
    message: str = ""
    last_phase_transition_time: Moment | None = None

    def __post_init__(self) -> None:
        bound_times(self, "last_phase_transition_time")
        if self.message:
            msgspec.structs.force_setattr(self, "message", mask(self.message))


class PersistentVolume(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "PersistentVolume"

    spec: VolumeSpec = VolumeSpec()
    status: VolumeStatus = VolumeStatus()


class StorageClass(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "StorageClass"

    provisioner: str = ""
    reclaim_policy: str = "Delete"
    volume_binding_mode: str = "Immediate"
    allow_volume_expansion: bool = False

    @property
    def is_default(self) -> bool:
        return self.metadata.annotations.get(DEFAULT_CLASS) == "true"


class AttachmentSource(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    persistent_volume_name: str = ""


class AttachmentSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    attacher: str = ""
    node_name: str = ""
    source: AttachmentSource = AttachmentSource()


class AttachmentError(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    time: Moment | None = None
    message: str = ""

    def __post_init__(self) -> None:
        bound_times(self, "time")
        if self.message:
            msgspec.structs.force_setattr(self, "message", mask(self.message))


class AttachmentStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    attached: bool = False
    attach_error: AttachmentError | None = None
    detach_error: AttachmentError | None = None


class VolumeAttachment(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "VolumeAttachment"

    spec: AttachmentSpec = AttachmentSpec()
    status: AttachmentStatus = AttachmentStatus()
