"""A node, and the Lease by which its kubelet says that it lives."""

from typing import ClassVar

import msgspec

from daytwo.model.metadata import Condition, Resource, condition
from daytwo.model.moment import Moment, bound_times
from daytwo.model.pod_spec import Quantity

ZONE_LABEL = "topology.kubernetes.io/zone"
# Taints by which autoscalers and cloud controllers say that a node comes or goes on purpose.
LEAVING_TAINTS = frozenset(
    {
        "ToBeDeletedByClusterAutoscaler",
        "DeletionCandidateOfClusterAutoscaler",
        "karpenter.sh/disrupted",
        "karpenter.sh/disruption",
        "node.cloudprovider.kubernetes.io/shutdown",
        "node.cloudprovider.kubernetes.io/uninitialized",
    }
)


class Taint(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    key: str = ""
    value: str = ""
    effect: str = ""
    time_added: Moment | None = None

    def __post_init__(self) -> None:
        bound_times(self, "time_added")


class NodeSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    provider_id: str = msgspec.field(default="", name="providerID")


class NodeInfo(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    kubelet_version: str = ""
    container_runtime_version: str = ""
    kernel_version: str = ""
    os_image: str = ""


class NodeAddress(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    type: str = ""
    address: str = ""


class NodeImage(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """An image that lies on a node, by all its names, and its size on disk. A kubelet tells of its 50 largest."""

    names: tuple[str, ...] = ()
    size_bytes: int = 0


class NodeStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    allocatable: dict[str, Quantity] = {}
    capacity: dict[str, Quantity] = {}
    conditions: tuple[Condition, ...] = ()
    node_info: NodeInfo = NodeInfo()
    addresses: tuple[NodeAddress, ...] = ()
    images: tuple[NodeImage, ...] = ()


class Node(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Node"

    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)

    @property
    def is_ready(self) -> bool:
        ready = self.condition("Ready")
        return ready is not None and ready.status == "True"

    @property
    def is_leaving(self) -> bool:
        """Removed on purpose: by a deletion, an autoscaler or the cloud."""
        return self.is_terminating or any(taint.key in LEAVING_TAINTS for taint in self.spec.taints)

    @property
    def zone(self) -> str:
        return self.metadata.labels.get(ZONE_LABEL, "")

    def taint(self, key: str) -> Taint | None:
        return next((taint for taint in self.spec.taints if taint.key == key), None)


class LeaseSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    holder_identity: str = ""
    renew_time: Moment | None = None
    lease_duration_seconds: int = 0

    def __post_init__(self) -> None:
        bound_times(self, "renew_time")


class Lease(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Lease"

    spec: LeaseSpec = LeaseSpec()
