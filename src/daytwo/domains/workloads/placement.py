"""Where the ready pods of a workload are, and where else they could be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from daytwo.domains.workloads import members, volumes
from daytwo.model import fitting
from daytwo.model.finding import Evidence
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.pod_spec import NodeSelector
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolume
from daytwo.model.workload import CustomWorkload, Deployment, ReplicaSet, Rollout, StatefulSet

Spread = Deployment | StatefulSet | Rollout | ReplicaSet | CustomWorkload

SPREAD_KINDS = (Deployment, StatefulSet, Rollout, ReplicaSet, CustomWorkload)


@dataclass(frozen=True, slots=True)
class Choice:
    """The places (nodes or zones) that other pods of a workload could have.

    `open_places` lets nodes be that are not ready, cordoned or reserved; `allowed` are those of them that its node selector and
    affinity allow; `reachable` those of the allowed where its volumes can be used.
    """

    open_places: frozenset[str]
    allowed: frozenset[str]
    reachable: frozenset[str]

    @property
    def bound_by(self) -> str:
        """What leaves just one of several places, to follow "the only one"; empty where nothing does."""
        if len(self.allowed) <= 1:
            return "that its node selector or affinity allows"
        return "in which its volumes can be used" if len(self.reachable) <= 1 else ""


def is_spread_kind(workload: Spread) -> bool:
    """Whether several replicas are wanted; of a custom kind nobody knows, so its pods tell."""
    if isinstance(workload, ReplicaSet) and workload.controller is not None:
        return False
    return (workload.replicas > 1 or isinstance(workload, CustomWorkload)) and not workload.is_terminating


def is_rolling(workload: Spread, snapshot: Snapshot) -> bool:
    """A rollout under way moves pods anyhow."""
    match workload:
        case Deployment():
            return workload.is_rolling(snapshot.taken_at)
        case Rollout():
            return workload.status.phase == "Progressing"
        case StatefulSet():
            return workload.metadata.generation > workload.status.observed_generation
    return False


def ready_pods(workload: Spread, snapshot: Snapshot) -> tuple[Pod, ...]:
    """Raises Unseen where pods were not read."""
    snapshot.require(Pod.KIND, workload.namespace)
    return tuple(pod for pod in members.active_pods_of(workload, snapshot) if pod.is_ready)


def choice(pods: Sequence[Pod], place_of: Callable[[Node], str], snapshot: Snapshot) -> Choice:
    """Where else pods like these may be, their size aside. Raises Unseen where nodes were not read."""
    snapshot.require(Node.KIND)
    spec = pods[0].spec
    affinity = spec.affinity.node_affinity.required if spec.affinity is not None and spec.affinity.node_affinity is not None else None
    volume_places = [place for pod in pods for place in _volumes(pod, snapshot)]
    open_places, allowed, reachable = set(), set(), set()
    for room in snapshot.once(fitting.rooms):
        node = room.node
        place = place_of(node)
        if not place or not node.is_ready or not all(fitting.tolerates(spec.tolerations, taint) for taint in room.taints):
            continue
        open_places.add(place)
        if any(node.labels.get(key) != value for key, value in spec.node_selector.items()):
            continue
        if affinity is not None and not fitting.selects_node(affinity, node):
            continue
        allowed.add(place)
        if all(fitting.selects_node(required, node) for required in volume_places):
            reachable.add(place)
    return Choice(frozenset(open_places), frozenset(allowed), frozenset(reachable))


def evidence(pods: Sequence[Pod]) -> tuple[Evidence, ...]:
    shown = ", ".join(f"{pod.name} on {pod.spec.node_name}" for pod in pods[:3])
    more = f" and {len(pods) - 3} more" if len(pods) > 3 else ""
    return (Evidence(f"ready pods: {shown}{more}"),)


def _volumes(pod: Pod, snapshot: Snapshot) -> list[NodeSelector]:
    found = (snapshot.find(Ref(PersistentVolume.KIND, "", name)) for name in volumes.persistent_volumes(pod, snapshot))
    affinities = (volume.spec.node_affinity for volume in found if isinstance(volume, PersistentVolume))
    return [affinity.required for affinity in affinities if affinity is not None and affinity.required is not None]
