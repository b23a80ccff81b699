"""The check `nodes/requests-near-allocatable`."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from daytwo.catalog import check
from daytwo.domains.nodes.room import PODS, rooms
from daytwo.model.cluster_size import is_autoscaled
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.quantity import amount
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet

_NEAR: Final = 0.9
_JUDGED: Final = ("cpu", "memory", PODS)


@check(Node, heading=Heading.RESOURCES, severity=Severity.LOW, applies=lambda node: not node.is_leaving, basis=Basis.STATE)
def requests_near_allocatable(node: Node, snapshot: Snapshot) -> Iterator[Hit]:
    """Requests fill more than 90 % of a node, or the loss of the largest node could not be absorbed by the others.

    Why: the next pod finds no room there; and if the cluster has no room for one node's pods, losing a node means lost replicas.
    Fix: lower requests that nobody uses, or add a node.
    Not: what pods use; requests are what the scheduler counts. Devices, which are meant to be used up. The loss of a node where an
    autoscaler (Karpenter, Cluster Autoscaler) brings another, and of nodes that are reserved by a taint.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """
    if not node.is_ready:
        return
    snapshot.require(Pod.KIND)
    room = rooms(snapshot)[node.name]
    full = [(resource, share) for resource in _JUDGED if (share := room.share(resource)) is not None and share > _NEAR]
    if full:
        told = ", ".join(f"{share:.0%} of {_word(resource)}" for resource, share in full)
        yield Hit(
            f"requests take {told}",
            item="requests",
            evidence=tuple(
                Evidence(
                    f"{_word(resource)}: {amount(resource, room.requested[resource])} of {amount(resource, room.allocatable[resource])}"
                )
                for resource, _ in full
            ),
            confirm=kubectl("describe", "node", node.name),
        )
    yield from _loss_of_the_largest(node, snapshot)


def _loss_of_the_largest(node: Node, snapshot: Snapshot) -> Iterator[Hit]:
    """Told on the one node that carries most: what must move when it goes, against the sum of free room elsewhere."""
    snapshot.require(Node.KIND)
    for loss in snapshot.once(_losses):
        if loss.node != node.name or loss.needed <= loss.free:
            continue
        needed, free = amount(loss.resource, loss.needed), amount(loss.resource, loss.free)
        yield Hit(
            f"if it is lost, its pods ask for {needed} of {loss.resource} and the other nodes have {free} free",
            item=f"loss-{loss.resource}",
            harm=Harm.ONE_EVENT_AWAY,
            severity=Severity.MEDIUM,
            evidence=(Evidence(f"{loss.others} other usable nodes have {free} of {loss.resource} free in all"),),
            confirm=kubectl("describe", "nodes"),
        )
        return


@dataclass(frozen=True, slots=True)
class _Loss:
    """The node that carries most of one resource, and what the others could take of it."""

    resource: str
    node: str
    needed: Decimal
    free: Decimal
    others: int


def _losses(snapshot: Snapshot) -> tuple[_Loss, ...]:
    usable = [one.name for one in snapshot.seen(Node) if _takes_any_pod(one)]
    if len(usable) < 2 or is_autoscaled(snapshot):
        return ()
    movable, all_rooms = _movable(snapshot), rooms(snapshot)
    found: list[_Loss] = []
    for resource in ("memory", "cpu"):
        largest = max(usable, key=lambda name: (movable.get((name, resource), Decimal(0)), name))
        free = sum((all_rooms[name].free(resource) for name in usable if name != largest), Decimal(0))
        found.append(_Loss(resource, largest, movable.get((largest, resource), Decimal(0)), free, len(usable) - 1))
    return tuple(found)


def _takes_any_pod(node: Node) -> bool:
    """Ready, open, and not reserved for some pods by a taint, as those of the control plane are."""
    is_reserved = any(taint.effect in ("NoSchedule", "NoExecute") for taint in node.spec.taints)
    return node.is_ready and not node.spec.unschedulable and not node.is_leaving and not is_reserved


def _movable(snapshot: Snapshot) -> dict[tuple[str, str], Decimal]:
    """(node, resource) → what must find a place elsewhere when the node goes: its pods without those of DaemonSets."""
    sums: dict[tuple[str, str], Decimal] = {}
    for pod in snapshot.seen(Pod):
        if pod.is_finished or pod.is_mirror or not pod.spec.node_name or snapshot.top_owner(pod).kind == DaemonSet.KIND:
            continue
        for resource, value in pod.spec.requests().items():
            key = (pod.spec.node_name, resource)
            sums[key] = sums.get(key, Decimal(0)) + value
    return sums


def _word(resource: str) -> str:
    return "its pod slots" if resource == PODS else resource
