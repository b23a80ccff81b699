"""Where the pods of one node would go: the room of the other nodes, taken pod by pod."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from daytwo.model.fitting import NOTHING, PODS, Barred, Demand, Room, Survey, demand_of, rooms, survey_of
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.quantity import amount
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolume, PersistentVolumeClaim
from daytwo.model.workload import DaemonSet, Job, ReplicaSet, StatefulSet


class Fate(StrEnum):
    """What becomes of the pod that replaces another: `placed`; `homeless`, no node takes it; `none`, nothing replaces it."""

    PLACED = "placed"
    HOMELESS = "homeless"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Placement:
    """`node` is where it would go, one of several perhaps; `why` tells of what is not placed."""

    fate: Fate
    node: str = ""
    why: str = ""


_REPLACERS: Final = {kind.KIND: kind for kind in (ReplicaSet, StatefulSet, Job, DaemonSet)}


def replacement(pod: Pod, snapshot: Snapshot) -> Placement | None:
    """Why nothing, or nobody knows what, replaces the pod once it is gone; None where its controller does."""
    reference = pod.controller
    if reference is None:
        return Placement(Fate.NONE, why="it has no controller")
    kind = _REPLACERS.get(reference.kind)
    if kind is None:
        return Placement(Fate.UNKNOWN, why=f"whether {reference.kind} {reference.name} replaces it is not known")
    if not snapshot.is_read(kind.KIND, pod.namespace):
        return Placement(Fate.UNKNOWN, why=f"{reference.kind} {reference.name} was not read")
    if snapshot.by_uid(reference.uid) is None:
        return Placement(Fate.NONE, why=f"its {reference.kind} {reference.name} is gone")
    return None


class Elsewhere:
    """The other nodes of a cluster. What has been placed takes its room from those that come after it."""

    def __init__(self, node: str, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._are_known = snapshot.is_read(Node.KIND) and snapshot.is_read(Pod.KIND)
        self._rooms = {room.node.name: room for room in rooms(snapshot) if room.node.name != node}

    def place(self, pod: Pod) -> Placement:
        """The place of the pod that replaces this one. The roomiest node is taken, as the scheduler prefers."""
        gone = replacement(pod, self._snapshot)
        if gone is not None and gone.fate is Fate.NONE:
            return gone
        if not self._are_known:
            return Placement(Fate.UNKNOWN, why="not all nodes and pods were read")
        demand = demand_of(_renewed(pod), self._snapshot)
        survey = survey_of(demand, tuple(self._rooms.values()))
        open_rooms = [barred.room for barred in survey.of_kind("open")]
        doubt = gone.why if gone is not None else self._doubt(pod, survey)
        if not open_rooms:
            return Placement(Fate.UNKNOWN, why=doubt) if doubt and survey.barred else Placement(Fate.HOMELESS, why=_told(survey, demand))
        room = min(open_rooms, key=lambda room: (-_least_left(room, demand), room.node.name))
        self._rooms[room.node.name] = _with(room, demand)
        return Placement(Fate.UNKNOWN, room.node.name, doubt) if doubt else Placement(Fate.PLACED, room.node.name)

    def _doubt(self, pod: Pod, survey: Survey) -> str:
        """What the objects do not tell about where the pod may go; empty where nothing is left open."""
        spec, snapshot = pod.spec, self._snapshot
        if any(True for _ in _renewed(pod).spec.claim_names(pod.name)) and not (
            snapshot.is_read(PersistentVolumeClaim.KIND, pod.namespace) and snapshot.is_read(PersistentVolume.KIND)
        ):
            return "its volumes were not read"
        if not survey.of_kind("open"):
            is_first = any(self._pushes(pod, barred) for barred in survey.of_kind("short"))
            return "it may push out pods of lower priority" if is_first else ""
        affinity = spec.affinity
        if affinity is not None and any(pods is not None and pods.required for pods in (affinity.pod_affinity, affinity.pod_anti_affinity)):
            return "its rules about other pods nearby are not worked out here"
        if any(spread.when_unsatisfiable == "DoNotSchedule" for spread in spec.topology_spread_constraints):
            return "its rules of spreading are not worked out here"
        return "its device claims are not worked out here" if spec.resource_claims else ""

    def _pushes(self, pod: Pod, barred: Barred) -> bool:
        """Whether the node has pods that the scheduler would end for this one."""
        rank = pod.spec.priority or 0
        others = self._snapshot.pods_on(barred.room.node.name)
        return any(other.is_active and (other.spec.priority or 0) < rank for other in others)


def _renewed(pod: Pod) -> Pod:
    """The pod as its controller makes it anew: ephemeral volumes come with it, wherever it goes."""
    volumes = tuple(volume for volume in pod.spec.volumes if volume.ephemeral is None)
    return msgspec.structs.replace(pod, spec=msgspec.structs.replace(pod.spec, volumes=volumes))


def _least_left(room: Room, demand: Demand) -> Decimal:
    """The share of what the pod asks for that the node would have left, of the scarcest."""
    asked = dict(demand.requests) | {PODS: Decimal(1)}
    shares = [
        (room.free.get(resource, NOTHING) - needed) / total
        for resource, needed in asked.items()
        if (total := room.allocatable.get(resource))
    ]
    return min(shares, default=NOTHING)


def _with(room: Room, demand: Demand) -> Room:
    """The node with one more pod."""
    free = dict(room.free)
    for resource, needed in (*demand.requests, (PODS, Decimal(1))):
        free[resource] = free.get(resource, NOTHING) - needed
    return Room(room.node, room.allocatable, free, room.host_ports | set(demand.ports), room.taints)


def _told(survey: Survey, demand: Demand) -> str:
    """Why no other node takes a pod."""
    if not survey.nodes:
        return "there is no other node"
    if not survey.matching:
        return "its node selector and affinity allow no other node"
    if not survey.barred:
        return "its volumes can be used on no other node"
    words: Counter[str] = Counter()
    for barred in survey.barred:
        words[_bar(barred)] += 1
    asked = ", ".join(
        f"{amount(resource, needed)} {resource}"
        for resource, needed in demand.requests
        if any(resource in one.short for one in survey.barred)
    )
    told = ", ".join(f"{count} {'node is' if count == 1 else 'nodes are'} {word}" for word, count in sorted(words.items()))
    return told + (f" (it asks for {asked})" if asked else "")


def _bar(barred: Barred) -> str:
    if barred.short and not barred.taints:
        return f"short of {' and '.join(barred.short)}"
    if barred.ports:
        return "using its ports"
    words = {"lost": "not ready", "pressure": "under pressure", "away": "cordoned", "reserved": "reserved by a taint"}
    return words.get(barred.kind, "barred for several reasons")
