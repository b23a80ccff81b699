"""Nodes that do not do their work: which of them count, since when, and what hangs on them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daytwo.model.finding import Evidence, Since
from daytwo.model.node import Lease, Node
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot

LEASE_NAMESPACE: Final = "kube-node-lease"
# A new node is not ready until its network plugin runs.
NEW: Final = timedelta(minutes=10)
# The kubelet says so itself, and may be about to recover; the controller's own grace has passed where the kubelet is silent.
PATIENCE: Final = timedelta(minutes=2)
# A planned shutdown of the machine; longer than this, it hangs.
SHUTDOWN: Final = timedelta(minutes=10)
# Nodes of one zone that go within this time went together.
TOGETHER: Final = timedelta(minutes=5)
# Of all nodes; more than this is a fault of something that they share.
MANY_RATIO: Final = 0.3


@dataclass(frozen=True, slots=True)
class Outage:
    """One node that is not ready, since when. `is_silent`: its kubelet stopped reporting, rather than saying what is wrong."""

    node: Node
    is_silent: bool
    since: Since | None
    message: str


def outages(snapshot: Snapshot) -> dict[str, Outage]:
    """Every node that is not ready and should be, by name."""
    return snapshot.once(_outages)


def _outages(snapshot: Snapshot) -> dict[str, Outage]:
    found = ((node.name, outage(node, snapshot)) for node in snapshot.seen(Node))
    return {name: one for name, one in found if one is not None}


def outage(node: Node, snapshot: Snapshot) -> Outage | None:
    """Why a node counts as not ready; None for a healthy one, and for one that comes or goes on purpose."""
    ready = node.condition("Ready")
    if (ready is not None and ready.status == "True") or node.is_leaving or _is_new(node, snapshot.taken_at):
        return None
    if node.spec.unschedulable and snapshot.is_read(Pod.KIND) and not _workload_pods(node, snapshot):
        # Drained: somebody is at work on it.
        return None
    if ready is None:
        return Outage(node, True, Since(node.created, False) if node.created else None, "never reported its state")
    changed = ready.last_transition_time
    if ready.status == "Unknown":
        renewed = last_sign_of_life(node, snapshot)
        since = Since(renewed) if renewed is not None else Since(changed, False) if changed is not None else None
        return Outage(node, True, since, ready.message)
    patience = SHUTDOWN if "shutting down" in ready.message else PATIENCE
    if changed is not None and snapshot.taken_at - changed < patience:
        return None
    # The condition's time restarts at each flip.
    return Outage(node, False, Since(changed, not _flipped(node, changed, snapshot)) if changed else None, ready.message)


def last_sign_of_life(node: Node, snapshot: Snapshot) -> datetime | None:
    """When the kubelet last renewed its Lease: earlier than the condition by the controller's grace. Heartbeats do not tell."""
    lease = snapshot.find(Ref(Lease.KIND, LEASE_NAMESPACE, node.name))
    return lease.spec.renew_time if isinstance(lease, Lease) else None


def is_zone_lost(zone: str, snapshot: Snapshot) -> bool:
    """All nodes of a zone, two or more, not ready since the same few minutes."""
    if not zone:
        return False
    nodes = [node for node in snapshot.seen(Node) if node.zone == zone and not node.is_leaving]
    down = [outages(snapshot)[node.name] for node in nodes if node.name in outages(snapshot)]
    return len(down) >= 2 and len(down) == len(nodes) and _went_together(down)


def is_control_planes_fault(snapshot: Snapshot) -> bool:
    """Many nodes fell silent at one moment: their leases could not be written, so the nodes are not to blame."""
    nodes = [node for node in snapshot.seen(Node) if not node.is_leaving]
    silent = [one for one in outages(snapshot).values() if one.is_silent]
    return (
        len(silent) >= 2
        and len(silent) > MANY_RATIO * len(nodes)
        and _went_together(silent, timedelta(seconds=30))
        and not _is_of_one_zone_among_others(silent, nodes)
    )


@dataclass(frozen=True, slots=True)
class Toll:
    """What nodes take with them, without what runs on every node anyhow. `alone`: the workloads that have nothing ready elsewhere."""

    pods: int
    workloads: tuple[Ref, ...]
    alone: tuple[Ref, ...]

    def words(self, where: str) -> str:
        """`11 pods of 6 workloads on it, 2 workloads have no other replica`"""
        if not self.pods:
            return f"no workload's pod {where}"
        told = f"{counted(self.pods, 'pod')} of {counted(len(self.workloads), 'workload')} {where}"
        if not self.alone:
            return f"{told}, {'which has' if len(self.workloads) == 1 else 'all have'} other replicas"
        return f"{told}, {counted(len(self.alone), 'workload')} {'has' if len(self.alone) == 1 else 'have'} no other replica"

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        if not self.alone:
            return ()
        more = f" and {len(self.alone) - 3} more" if len(self.alone) > 3 else ""
        return (Evidence(f"no other ready replica of {', '.join(owner.short for owner in self.alone[:3])}{more}"),)


def toll(nodes: Iterable[Node], snapshot: Snapshot) -> Toll | None:
    """What hangs on these nodes; None where pods were not read."""
    if not snapshot.is_read(Pod.KIND):
        return None
    owners: Counter[Ref] = Counter()
    for node in nodes:
        owners.update(snapshot.top_owner(pod) for pod in _workload_pods(node, snapshot))
    workloads = tuple(sorted(owners))
    alone = tuple(owner for owner in workloads if not _has_ready_elsewhere(owner, snapshot))
    return Toll(owners.total(), workloads, alone)


def _workload_pods(node: Node, snapshot: Snapshot) -> list[Pod]:
    """The pods on a node that would have to run elsewhere: neither the machine's own nor a DaemonSet's."""
    pods = (pod for pod in snapshot.pods_on(node.name) if not pod.is_finished and not pod.is_mirror)
    return [pod for pod in pods if snapshot.top_owner(pod).kind != "DaemonSet"]


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _has_ready_elsewhere(owner: Ref, snapshot: Snapshot) -> bool:
    lost = outages(snapshot)
    return any(pod.is_ready and pod.spec.node_name not in lost for pod in snapshot.pods_of(owner))


def _is_new(node: Node, at: datetime) -> bool:
    return node.created is not None and at - node.created < NEW


def _flipped(node: Node, since: datetime, snapshot: Snapshot) -> bool:
    """Whether an earlier fall of this node is still visible."""
    return any(
        event.reason == "NodeNotReady" and event.first_at and event.first_at < since - PATIENCE for event in snapshot.events_of(node)
    )


def _went_together(found: Iterable[Outage], within: timedelta = TOGETHER) -> bool:
    times = [one.since.at for one in found if one.since is not None]
    return bool(times) and max(times) - min(times) <= within


def _is_of_one_zone_among_others(found: list[Outage], nodes: list[Node]) -> bool:
    """Whether these nodes share a zone that not all nodes share: it then explains them, and what all share does not."""
    zones = {one.node.zone for one in found}
    return len(zones) == 1 and "" not in zones and {node.zone for node in nodes} != zones
