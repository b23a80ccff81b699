"""What nodes have left, what a pod asks of a node, and what bars one from the other: the scheduler's rules, as objects tell them.

Not held here are the rules between pods (affinity, spreading), device claims and the number of volumes that a node may attach.
Source: https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from daytwo.model.node import LEAVING_TAINTS, ZONE_LABEL, Node, Taint
from daytwo.model.pod import Pod
from daytwo.model.pod_spec import NodeRequirement, NodeSelector, NodeTerm, PodSpec, Toleration
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.ref import Ref
from daytwo.model.selector import Requirement
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolume, PersistentVolumeClaim

PODS: Final = "pods"
NOTHING: Final = Decimal(0)
CORDON: Final = Taint("node.kubernetes.io/unschedulable", effect="NoSchedule")
LOST_TAINTS: Final = frozenset({"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "node.kubernetes.io/network-unavailable"})
PRESSURE_TAINTS: Final = frozenset(
    {"node.kubernetes.io/memory-pressure", "node.kubernetes.io/disk-pressure", "node.kubernetes.io/pid-pressure"}
)
AWAY_TAINTS: Final = LEAVING_TAINTS | {CORDON.key}
_REPELLING: Final = frozenset({"NoSchedule", "NoExecute"})
_INTEGER: Final = re.compile(r"-?\d+\Z")


@dataclass(frozen=True, slots=True)
class Room:
    """What a node has left for pods that are yet to come, and what keeps them away."""

    node: Node
    allocatable: Mapping[str, Decimal]
    free: Mapping[str, Decimal]
    host_ports: frozenset[tuple[str, str, int]]
    taints: tuple[Taint, ...]

    @property
    def is_lost(self) -> bool:
        return any(taint.key in LOST_TAINTS for taint in self.taints)


@dataclass(frozen=True, slots=True)
class Barred:
    """One node and all that bars a pod from it; nothing means that the pod would fit."""

    room: Room
    taints: tuple[Taint, ...]
    short: tuple[str, ...]
    ports: tuple[int, ...]

    @property
    def kind(self) -> str:
        """open, lost, pressure, away (cordoned or leaving), reserved, short, ports, or mixed where lifting one would not be enough."""
        keys = {taint.key for taint in self.taints}
        barriers = bool(keys) + bool(self.short) + bool(self.ports)
        if barriers != 1:
            return "mixed" if barriers else "open"
        if not keys:
            return "short" if self.short else "ports"
        if keys & LOST_TAINTS:
            # A lost node is often cordoned by those who look after it.
            return "lost" if keys <= LOST_TAINTS | AWAY_TAINTS else "mixed"
        for kind, taints in (("pressure", PRESSURE_TAINTS), ("away", AWAY_TAINTS)):
            if keys <= taints:
                return kind
        return "mixed" if keys & (PRESSURE_TAINTS | AWAY_TAINTS) else "reserved"


@dataclass(frozen=True)
class Survey:
    """All nodes held against what one pod asks for.

    `matching` counts those that its node selector and affinity allow, `barred` those among them that its volumes allow too.
    """

    nodes: int
    matching: int
    barred: tuple[Barred, ...]

    def of_kind(self, kind: str) -> tuple[Barred, ...]:
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> dict[str, tuple[Barred, ...]]:
        lists: dict[str, list[Barred]] = {}
        for one in self.barred:
            lists.setdefault(one.kind, []).append(one)
        return {kind: tuple(found) for kind, found in lists.items()}


@dataclass(frozen=True, slots=True)
class Demand:
    """What the scheduler looks at in a pod. Pods that ask for the same share one survey."""

    selector: tuple[tuple[str, str], ...]
    affinity: NodeSelector | None
    tolerations: tuple[Toleration, ...]
    requests: tuple[tuple[str, Decimal], ...]
    ports: tuple[tuple[str, str, int], ...]
    volumes: tuple[NodeSelector, ...]

    @property
    def only_node(self) -> str:
        """The one node that a pod of a DaemonSet is made for."""
        terms = self.affinity.node_selector_terms if self.affinity is not None else ()
        fields = [field for term in terms for field in term.match_fields]
        if len(terms) == len(fields) == 1 and fields[0].operator == "In" and len(fields[0].values) == 1:
            return fields[0].values[0]
        return ""


# -- what nodes have left -------------------------------------------------------------------------------------------


def rooms(snapshot: Snapshot) -> tuple[Room, ...]:
    """Every node with what it has left: allocatable minus what the pods on it ask for.

    Where some pods could not be read, nodes may be fuller than they look: then only their whole size is told.
    """
    are_pods_known = snapshot.is_read(Pod.KIND)
    return tuple(_room(node, snapshot.pods_on(node.name) if are_pods_known else ()) for node in snapshot.seen(Node))


def _room(node: Node, pods: Iterable[Pod]) -> Room:
    taints = tuple(taint for taint in node.spec.taints if taint.effect in _REPELLING)
    if node.spec.unschedulable and all(taint.key != CORDON.key for taint in taints):
        taints = (*taints, CORDON)
    is_lost = any(taint.key in LOST_TAINTS for taint in taints)
    allocatable = {resource: quantity_or_zero(value) for resource, value in node.status.allocatable.items()}
    free = dict(allocatable)
    ports: set[tuple[str, str, int]] = set()
    for pod in pods:
        # Pods that were evicted from a lost node stay on it in name only, until somebody confirms that they are gone.
        if pod.is_finished or (is_lost and pod.is_terminating):
            continue
        free[PODS] = free.get(PODS, NOTHING) - 1
        for resource, needed in pod.spec.requests().items():
            free[resource] = free.get(resource, NOTHING) - needed
        ports.update(host_ports(pod.spec))
    return Room(node, allocatable, free, frozenset(ports), taints)


def host_ports(spec: PodSpec) -> tuple[tuple[str, str, int], ...]:
    """(address, protocol, port) of every port taken on the node itself; the empty address is all of them."""
    containers = (*spec.containers, *(container for container in spec.init_containers if container.is_sidecar))
    return tuple(
        sorted(
            {
                ("" if port.host_ip == "0.0.0.0" else port.host_ip, port.protocol or "TCP", port.host_port)
                for container in containers
                for port in container.ports
                if port.host_port
            }
        )
    )


# -- what a pod asks for ----------------------------------------------------------------------------------------------


def demand_of(pod: Pod, snapshot: Snapshot) -> Demand:
    """What a pod asks of a node. Claims and volumes that were not read are taken to ask for nothing."""
    affinity = pod.spec.affinity.node_affinity if pod.spec.affinity is not None else None
    requests = {resource: needed for resource, needed in pod.spec.requests().items() if needed > 0}
    return Demand(
        selector=tuple(sorted(pod.spec.node_selector.items())),
        affinity=affinity.required if affinity is not None else None,
        tolerations=pod.spec.tolerations,
        requests=tuple(sorted(requests.items())),
        ports=host_ports(pod.spec),
        volumes=_volume_places(pod, snapshot),
    )


def _volume_places(pod: Pod, snapshot: Snapshot) -> tuple[NodeSelector, ...]:
    """Where the volumes bound to a pod's claims can be used."""
    places: list[NodeSelector] = []
    for name in pod.spec.claim_names(pod.name):
        claim = snapshot.find(Ref(PersistentVolumeClaim.KIND, pod.namespace, name))
        if not isinstance(claim, PersistentVolumeClaim):
            continue
        volume = snapshot.find(Ref(PersistentVolume.KIND, "", claim.spec.volume_name))
        if not isinstance(volume, PersistentVolume):
            continue
        if volume.spec.node_affinity is not None and volume.spec.node_affinity.required is not None:
            places.append(volume.spec.node_affinity.required)
        elif zones := volume.labels.get(ZONE_LABEL):
            # Volumes made before node affinity carry their zones as a label.
            places.append(NodeSelector((NodeTerm((NodeRequirement(ZONE_LABEL, "In", tuple(zones.split("__"))),)),)))
    return tuple(places)


# -- what fits what -------------------------------------------------------------------------------------------------


def tolerates(tolerations: Sequence[Toleration], taint: Taint) -> bool:
    """Whether one of the tolerations covers the taint: an empty key with Exists covers all keys, an empty effect all effects.

    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
    """
    return any(_covers(toleration, taint) for toleration in tolerations)


def _covers(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    match toleration.operator:
        case "" | "Equal":
            return toleration.value == taint.value
        case "Exists":
            return True
        case "Gt" | "Lt":
            return _compares(taint.value, toleration.operator, toleration.value)
    return False


def selects_node(selector: NodeSelector, node: Node) -> bool:
    """Whether required node affinity holds: one term is enough, all of a term must hold, and an empty term selects nothing."""
    return any(_term_matches(term, node) for term in selector.node_selector_terms)


def _term_matches(term: NodeTerm, node: Node) -> bool:
    if not term.match_expressions and not term.match_fields:
        return False
    name = {"metadata.name": node.name}
    return all(_meets(one, node.labels) for one in term.match_expressions) and all(_meets(one, name) for one in term.match_fields)


def _meets(requirement: NodeRequirement, labels: Mapping[str, str]) -> bool:
    if requirement.operator in ("Gt", "Lt"):
        value = labels.get(requirement.key)
        return value is not None and len(requirement.values) == 1 and _compares(value, requirement.operator, requirement.values[0])
    return Requirement(requirement.key, requirement.operator, requirement.values).matches(labels)


def _compares(left: str, operator: str, right: str) -> bool:
    """Whether two whole numbers stand in this order; what is no whole number never does."""
    if not _INTEGER.match(left) or not _INTEGER.match(right):
        return False
    return int(left) > int(right) if operator == "Gt" else int(left) < int(right)


def survey_of(demand: Demand, all_rooms: tuple[Room, ...]) -> Survey:
    only = demand.only_node
    candidates = [room for room in all_rooms if room.node.name == only] if only else all_rooms
    matching = [room for room in candidates if is_meant(demand, room.node)]
    in_reach = [room for room in matching if all(selects_node(place, room.node) for place in demand.volumes)]
    barred = tuple(_hold_against(demand, room) for room in in_reach)
    return Survey(len(all_rooms), len(matching), barred)


def is_meant(demand: Demand, node: Node) -> bool:
    labels = node.metadata.labels
    for key, value in demand.selector:
        if labels.get(key) != value:
            return False
    return demand.affinity is None or selects_node(demand.affinity, node)


def _hold_against(demand: Demand, room: Room) -> Barred:
    taints = tuple(taint for taint in room.taints if not tolerates(demand.tolerations, taint)) if room.taints else ()
    short = [resource for resource, needed in demand.requests if needed > room.free.get(resource, NOTHING)]
    if room.free.get(PODS, NOTHING) < 1 <= room.allocatable.get(PODS, NOTHING):
        short.append(PODS)
    ports = tuple(sorted({port for _, _, port in demand.ports if _is_taken(demand.ports, port, room.host_ports)})) if demand.ports else ()
    return Barred(room, taints, tuple(short), ports)


def _is_taken(wanted: tuple[tuple[str, str, int], ...], port: int, taken: frozenset[tuple[str, str, int]]) -> bool:
    return any(
        protocol == used_protocol and number == used == port and (not address or not used_address or address == used_address)
        for address, protocol, number in wanted
        for used_address, used_protocol, used in taken
    )
