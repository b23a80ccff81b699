"""The check `nodes/requests-near-allocatable`."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from daytwo.catalog import check
from daytwo.domains.nodes.room import PODS, rooms
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.quantity import amount
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

_NEAR: Final = 0.9
_JUDGED: Final = ("cpu", "memory", PODS)


@check(Node, heading=Heading.RESOURCES, severity=Severity.LOW)
def requests_near_allocatable(node: Node, snapshot: Snapshot) -> Iterator[Hit]:
    """Requests fill more than 90 % of a node, or the loss of the largest node could not be absorbed by the others.

    Why: the next pod finds no room there; and if the cluster has no room for one node's pods, losing a node means lost replicas.
    Fix: lower requests that nobody uses, or add a node.
    Not: what pods use. Requests are what the scheduler counts.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """
    if node.is_leaving or not node.is_ready:
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
    """Told on the one node whose loss would hurt most: the sum of free room elsewhere against what it carries."""
    usable = [one for one in snapshot.of(Node) if one.is_ready and not one.spec.unschedulable and not one.is_leaving]
    if len(usable) < 2 or node.name not in {one.name for one in usable}:
        return
    all_rooms = rooms(snapshot)
    for resource in ("memory", "cpu"):
        largest = max(usable, key=lambda one: (_movable(one, resource, snapshot), one.name))
        if largest.name != node.name:
            continue
        needed = _movable(node, resource, snapshot)
        free = sum((all_rooms[one.name].free(resource) for one in usable if one.name != node.name), Decimal(0))
        if needed > free:
            yield Hit(
                f"if it is lost, its pods ask for {amount(resource, needed)} of {resource} and the other nodes have {amount(resource, free)} free",
                item=f"loss-{resource}",
                harm=Harm.ONE_EVENT_AWAY,
                severity=Severity.MEDIUM,
                evidence=(Evidence(f"{len(usable) - 1} other usable nodes have {amount(resource, free)} of {resource} free in all"),),
                confirm=kubectl("describe", "nodes"),
            )
            return


def _movable(node: Node, resource: str, snapshot: Snapshot) -> Decimal:
    """What must find a place elsewhere when a node goes: its pods without those of DaemonSets."""
    movable = snapshot.once(_movable_by_node)
    return movable.get(node.name, {}).get(resource, Decimal(0))


def _movable_by_node(snapshot: Snapshot) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = {}
    for pod in snapshot.seen(Pod):
        if pod.is_finished or pod.is_mirror or not pod.spec.node_name or snapshot.top_owner(pod).kind == "DaemonSet":
            continue
        sums = found.setdefault(pod.spec.node_name, {})
        for resource, value in pod.spec.requests().items():
            sums[resource] = sums.get(resource, Decimal(0)) + value
    return found


def _word(resource: str) -> str:
    return "its pod slots" if resource == PODS else resource
