"""How much of each node is spoken for, summed once for a snapshot."""

from dataclasses import dataclass
from decimal import Decimal

from daytwo.model.node import Node
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.snapshot import Snapshot

PODS = "pods"


@dataclass(frozen=True, slots=True)
class Room:
    """What a node can give and what its pods asked for, per resource (cores, bytes, pieces)."""

    allocatable: dict[str, Decimal]
    requested: dict[str, Decimal]

    def share(self, resource: str) -> float | None:
        """Requested of allocatable, 0 to 1 and beyond; None where the node has none of it."""
        total = self.allocatable.get(resource, Decimal(0))
        return float(self.requested.get(resource, Decimal(0)) / total) if total else None

    def free(self, resource: str) -> Decimal:
        return max(self.allocatable.get(resource, Decimal(0)) - self.requested.get(resource, Decimal(0)), Decimal(0))


def rooms(snapshot: Snapshot) -> dict[str, Room]:
    """The room of every node, by name; finished pods ask for nothing."""
    return snapshot.once(_rooms)


def _rooms(snapshot: Snapshot) -> dict[str, Room]:
    found: dict[str, Room] = {}
    for node in snapshot.seen(Node):
        requested: dict[str, Decimal] = {PODS: Decimal(0)}
        for pod in snapshot.pods_on(node.name):
            if pod.is_finished:
                continue
            requested[PODS] += 1
            for resource, value in pod.spec.requests().items():
                requested[resource] = requested.get(resource, Decimal(0)) + value
        allocatable = {resource: quantity_or_zero(value) for resource, value in node.status.allocatable.items()}
        found[node.name] = Room(allocatable, requested)
    return found
