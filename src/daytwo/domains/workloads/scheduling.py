"""Why no node takes a pod, worked out again from the objects.

The scheduler's message counts each node once, under the first rule that bars it, and no longer names taints; so a pod that wants the
one node with a GPU reads "didn't match node affinity" for all the others and hides that the GPU node is lost. Here every node that
could be meant is held against every rule that the objects tell.
Source: https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from daytwo.domains.workloads.scheduler_message import SchedulerMessage, read_message
from daytwo.model.fitting import (
    AWAY_TAINTS,
    CORDON,
    LOST_TAINTS,
    NOTHING,
    PODS,
    PRESSURE_TAINTS,
    Barred,
    Demand,
    Room,
    Survey,
    demand_of,
    is_meant,
    rooms,
    survey_of,
)
from daytwo.model.node import LEAVING_TAINTS, Node
from daytwo.model.pod import Pod
from daytwo.model.pod_spec import NodeSelector
from daytwo.model.quantity import amount
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import SELECTED_NODE, PersistentVolume, PersistentVolumeClaim, StorageClass

# A cause may not start later than what it explains; the clocks of two controllers differ a little.
_CLOCK_TOLERANCE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pod is not placed: `why` fits after a colon, `facts` prove it, `because` names the cause where an object is one.

    `short_of` is the resource that is lacking, empty where capacity is not the cause.
    """

    why: str
    facts: tuple[str, ...] = ()
    because: tuple[Ref, ...] = ()
    fix: str = ""
    short_of: str = ""


def is_unschedulable(pod: Pod) -> bool:
    """The scheduler looked at the pod and found no node. A pod behind a scheduling gate waits on purpose."""
    scheduled = pod.condition("PodScheduled")
    return scheduled is not None and scheduled.status == "False" and scheduled.reason == "Unschedulable" and not pod.spec.node_name


def explain(pod: Pod, snapshot: Snapshot) -> Explanation:
    """Why the scheduler finds no node for this pod, with the sum that all pods ask for where capacity is the cause."""
    found = _explain(pod, snapshot)
    if not found.short_of:
        return found
    pods, asked = snapshot.once(_asked)[found.short_of]
    if pods < 2:
        return found
    total = f"{pods} pods wait for {found.short_of} and ask for {amount(found.short_of, asked)} together"
    return Explanation(found.why, (total, *found.facts), found.because, found.fix, found.short_of)


def _explain(pod: Pod, snapshot: Snapshot) -> Explanation:
    scheduled = pod.condition("PodScheduled")
    message = read_message(scheduled.message if scheduled is not None else "")
    claims = _claim_fault(pod, snapshot)
    if claims is not None:
        return claims
    if not snapshot.is_read(Node.KIND):
        return _believed(message)
    demand = demand_of(pod, snapshot)
    surveys, told = snapshot.once(_memory)
    survey = surveys.get(demand)
    if survey is None:
        survey = surveys[demand] = survey_of(demand, snapshot.once(rooms))
    if survey.matching and not survey.barred:
        return _out_of_reach(demand, survey, pod)
    since = scheduled.last_transition_time if scheduled is not None else None
    # Pods that ask for the same are told the same, unless it matters which came first, the pod's trouble or the node's.
    matters = since if survey.of_kind("lost") or survey.of_kind("pressure") else None
    key = (demand, message, matters)
    found = told.get(key)
    if found is None:
        found = told[key] = _tell(demand, survey, message, matters, snapshot.once(rooms))
    return found


def _memory(snapshot: Snapshot) -> tuple[dict[Demand, Survey], dict[tuple[Demand, SchedulerMessage, datetime | None], Explanation]]:
    """The surveys made and the explanations given so far; filled as pods ask."""
    return {}, {}


def _asked(snapshot: Snapshot) -> dict[str, tuple[int, Decimal]]:
    """Resource → how many pods wait for it and how much they ask for together."""
    asked: dict[str, tuple[int, Decimal]] = {}
    for pod in snapshot.seen(Pod):
        if pod.is_active and is_unschedulable(pod) and (resource := _explain(pod, snapshot).short_of):
            pods, total = asked.get(resource, (0, NOTHING))
            asked[resource] = (pods + 1, total + (Decimal(1) if resource == PODS else pod.spec.requests().get(resource, NOTHING)))
    return asked


# -- its claims -----------------------------------------------------------------------------------------------------


def _claim_fault(pod: Pod, snapshot: Snapshot) -> Explanation | None:
    """The first claim that keeps the pod from any node. A claim that waits for its first consumer waits for the pod, not the pod for it."""
    for name in pod.spec.claim_names(pod.name):
        ref = Ref(PersistentVolumeClaim.KIND, pod.namespace, name)
        claim = snapshot.find(ref)
        short_name = name.removesuffix(f"-{pod.name}").removeprefix(f"{pod.name}-")
        if claim is None:
            if snapshot.is_read(PersistentVolumeClaim.KIND, pod.namespace):
                return Explanation(
                    f"its claim {short_name} does not exist",
                    (f"pod {pod.name} uses claim {name}, which is not there",),
                    (ref,),
                    fix=f"create the PersistentVolumeClaim {name}, or correct the name in the pod's volumes",
                )
            continue
        if not isinstance(claim, PersistentVolumeClaim):
            continue
        state = ""
        if claim.is_terminating:
            state = "is being deleted"
        elif claim.status.phase == "Lost":
            state = "has lost its volume"
        elif claim.status.phase == "Pending" and _waits_for_its_volume(claim, snapshot):
            state = "is pending"
        elif claim.spec.volume_name and _is_missing(PersistentVolume.KIND, claim.spec.volume_name, snapshot):
            state = "is bound to a volume that does not exist"
        if state:
            facts = (f"claim {name} {state}" + (f" (phase {claim.status.phase})" if claim.is_terminating else ""),)
            return Explanation(f"its claim {short_name} {state}", facts, (ref,))
    return None


def _waits_for_its_volume(claim: PersistentVolumeClaim, snapshot: Snapshot) -> bool:
    """Whether a pending claim is the volume controller's or the provisioner's to serve, and not waiting for a pod to be placed."""
    if SELECTED_NODE in claim.annotations:
        return True
    name = claim.spec.storage_class_name
    if not name:
        return True
    storage_class = snapshot.find(Ref(StorageClass.KIND, "", name))
    if isinstance(storage_class, StorageClass):
        return storage_class.volume_binding_mode != "WaitForFirstConsumer"
    return _is_missing(StorageClass.KIND, name, snapshot)


def _is_missing(kind: str, name: str, snapshot: Snapshot) -> bool:
    return snapshot.is_read(kind) and snapshot.find(Ref(kind, "", name)) is None


# -- in words -------------------------------------------------------------------------------------------------------


def _tell(demand: Demand, survey: Survey, message: SchedulerMessage, since: datetime | None, all_rooms: tuple[Room, ...]) -> Explanation:
    if not survey.nodes:
        return Explanation("there are no nodes")
    if not survey.matching:
        return _no_match(demand, all_rooms)
    facts = _facts(demand, survey)
    where = f"its volume can only be used {_place(demand.volumes)}: " if demand.volumes and len(survey.barred) < survey.nodes else ""
    if survey.of_kind("open"):
        return _believed(message, facts)
    for kind in ("lost", "pressure"):
        blamed = [one for one in survey.of_kind(kind) if _began_before(one, since)]
        if blamed:
            first = min(blamed, key=_began)
            words = _WORDS_OF_KIND[kind]
            return Explanation(where + _could_take(blamed, survey, words), facts, (first.room.node.ref,))
    if short := survey.of_kind("short"):
        return _lacks(demand, short, survey, where, facts)
    if away := survey.of_kind("away"):
        first = min(away, key=_began)
        fix = f"uncordon {first.room.node.name} once its maintenance is over"
        return Explanation(where + _could_take(away, survey, _away_words(away)), facts, (first.room.node.ref,), fix)
    if reserved := survey.of_kind("reserved"):
        taints = _taint_names(reserved)
        fix = f"add a toleration for {taints} if the pod is meant for these nodes; otherwise give it nodes that are not reserved"
        return Explanation(where + _could_take(reserved, survey, f"reserved (taint {taints})"), facts, fix=fix)
    if taken := survey.of_kind("ports"):
        ports = _listed(sorted({str(port) for one in taken for port in one.ports}))
        return Explanation(f"{where}its host port {ports} is taken on every node that could run it", facts)
    if all(one.short for one in survey.barred):
        return _lacks(demand, survey.barred, survey, where, facts)
    return Explanation(where + "every node that could be meant is barred: " + "; ".join(facts), facts)


_WORDS_OF_KIND: Final = {"lost": "not ready", "pressure": "under pressure"}


def _no_match(demand: Demand, all_rooms: tuple[Room, ...]) -> Explanation:
    if demand.only_node:
        return Explanation(f"it is meant for node {demand.only_node} only, which does not exist or does not match its node selector")
    for key, value in demand.selector:
        if all(room.node.labels.get(key) != value for room in all_rooms):
            return Explanation(
                f"no node has the label {key}={value} that its node selector asks for",
                (f"none of {len(all_rooms)} nodes has the label {key}={value}",),
                fix=f"label a node {key}={value}, or correct spec.nodeSelector; an autoscaler may still bring such a node",
            )
    if demand.affinity is None or all(not is_meant(_only_selector(demand), room.node) for room in all_rooms):
        labels = ", ".join(f"{key}={value}" for key, value in demand.selector)
        return Explanation(f"no node has all the labels that its node selector asks for ({labels})")
    wanted = _selector_words(demand.affinity)
    also = " and its node selector" if demand.selector else ""
    return Explanation(
        f"no node meets its required node affinity{also} ({wanted})", (f"none of {len(all_rooms)} nodes has {wanted}{also}",)
    )


def _only_selector(demand: Demand) -> Demand:
    return Demand(demand.selector, None, (), (), (), ())


def _out_of_reach(demand: Demand, survey: Survey, pod: Pod) -> Explanation:
    claims = tuple(Ref(PersistentVolumeClaim.KIND, pod.namespace, name) for name in pod.spec.claim_names(pod.name))
    allowed = "" if survey.matching == survey.nodes else " that it may run on"
    why = f"its volume can only be used {_place(demand.volumes)}, and no node{allowed} is there"
    facts = (f"{survey.matching} of {survey.nodes} nodes match the pod, none of them can use its volume",)
    return Explanation(why, facts, claims[:1])


def _lacks(demand: Demand, short: Sequence[Barred], survey: Survey, where: str, facts: tuple[str, ...]) -> Explanation:
    """Too little of a resource. More than any node has is the pod's own fault, and no lack of capacity."""
    counts = Counter(resource for one in short for resource in one.short)
    resource = min(counts, key=lambda name: (-counts[name], name == PODS, name))
    most = max(short, key=lambda one: one.room.free.get(resource, NOTHING))
    largest = max(one.room.allocatable.get(resource, NOTHING) for one in short)
    asked = dict(demand.requests).get(resource, Decimal(1))
    is_pinned = bool(demand.only_node)
    capacity = () if is_pinned else (Ref("Capacity", "", resource),)
    lacking = "" if is_pinned else resource
    if resource == PODS:
        why = "its node is full" if is_pinned else "every node that could take it is full"
        return Explanation(f"{where}{why} (no room for another pod)", facts, capacity, short_of=lacking)
    needed = f"{amount(resource, asked)} {resource}"
    if largest <= 0:
        return Explanation(f"{where}no node that could take it offers {resource}", facts, capacity, short_of=lacking)
    if asked > largest:
        why = f"it asks for {needed}, more than any node has that could take it ({amount(resource, largest)})"
        return Explanation(where + why, facts, fix=f"lower its {resource} request, or add nodes large enough for it")
    if is_pinned:
        return Explanation(f"its node has too little {resource} free", facts, fix="give it a PriorityClass above that of the other pods")
    left = _left(resource, most, asked)
    others = _would_fit(survey)
    why = f"no node has {needed} free (most free: {left})"
    return Explanation(where + why + others, facts, capacity, short_of=lacking)


def _would_fit(survey: Survey) -> str:
    """The nodes that have the room but are kept from the pod on purpose."""
    parts = []
    if away := survey.of_kind("away"):
        parts.append(f"{_count(away)} with room {_is(away)} {_away_words(away)}")
    if reserved := survey.of_kind("reserved"):
        parts.append(f"{_count(reserved)} with room {_is(reserved)} reserved (taint {_taint_names(reserved)})")
    return "".join(f", {part}" for part in parts)


def _could_take(blamed: Sequence[Barred], survey: Survey, words: str) -> str:
    if len(blamed) == 1:
        name = blamed[0].room.node.name
        return f"the only node that could take it, {name}, is {words}"
    everyone = len(blamed) == len(survey.barred)
    return f"{'all' if everyone else 'the'} {len(blamed)} nodes that could take it are {words}"


def _believed(message: SchedulerMessage, facts: tuple[str, ...] = ()) -> Explanation:
    """The scheduler's word, where the objects do not tell: nodes were not read, or a rule is not worked out here."""
    resource = message.of_resource()
    if resource and not message.not_recomputed():
        return Explanation(message.plain(), facts, (Ref("Capacity", "", resource),), short_of=resource)
    return Explanation(message.plain(), facts)


def _facts(demand: Demand, survey: Survey) -> tuple[str, ...]:
    """One line for each thing that bars nodes, with their names; the nodes that are closest to taking the pod first."""
    lines: list[str] = []
    asked = dict(demand.requests)
    for resource in sorted({resource for one in survey.barred for resource in one.short}):
        short = [one for one in survey.barred if resource in one.short]
        best = max(short, key=lambda one: (one.room.free.get(resource, NOTHING), one.room.node.name))
        left = _left(resource, best, asked.get(resource, Decimal(1)))
        needed = amount(resource, asked.get(resource, Decimal(1)))
        lines.append(f"{_count(short)} {_has(short)} less than {needed} {resource} free; most free: {left} on {best.room.node.name}")
    keys = Counter(taint.key for one in survey.barred for taint in one.taints)
    for key in sorted(keys, key=lambda key: (-keys[key], key)):
        nodes = [one for one in survey.barred if any(taint.key == key for taint in one.taints)]
        lines.append(f"{_count(nodes)} {_is(nodes)} {_taint_words(key, nodes)}: {_names(nodes)}")
    ports = sorted({port for one in survey.barred for port in one.ports})
    for port in ports:
        nodes = [one for one in survey.barred if port in one.ports]
        lines.append(f"host port {port} is taken on {_names(nodes)}")
    unlike = survey.nodes - survey.matching
    if unlike and not demand.only_node:
        lines.append(f"{unlike} of {survey.nodes} nodes do not match its node selector or affinity")
    far = survey.matching - len(survey.barred)
    if far:
        lines.append(f"{far} of {survey.nodes} nodes cannot use its volume")
    return tuple(lines)


def _left(resource: str, barred: Barred, asked: Decimal) -> str:
    """What a node has left, which rounding must not make look like enough."""
    left = amount(resource, max(barred.room.free.get(resource, NOTHING), NOTHING))
    return f"a little under {left}" if left == amount(resource, asked) else left


def _taint_words(key: str, nodes: Sequence[Barred]) -> str:
    if key == CORDON.key:
        return "cordoned"
    if key in LOST_TAINTS:
        return "not ready"
    if key in PRESSURE_TAINTS:
        return f"under {key.rpartition('/')[2].replace('-', ' ')}"
    if key in LEAVING_TAINTS:
        return "being removed"
    return f"reserved by taint {_taint_names(nodes, key)}"


def _away_words(nodes: Sequence[Barred]) -> str:
    return "cordoned" if all(taint.key == CORDON.key for one in nodes for taint in one.taints) else "cordoned or being removed"


def _taint_names(nodes: Sequence[Barred], key: str = "") -> str:
    found = {
        f"{taint.key}={taint.value}" if taint.value else taint.key
        for one in nodes
        for taint in one.taints
        if taint.key not in AWAY_TAINTS and (not key or taint.key == key)
    }
    return _listed(sorted(found))


def _selector_words(selector: NodeSelector) -> str:
    terms = []
    for term in selector.node_selector_terms:
        parts = []
        for one in (*term.match_expressions, *term.match_fields):
            values = f" ({', '.join(one.values)})" if one.values else ""
            parts.append(f"{one.key} {one.operator}{values}")
        terms.append(" and ".join(parts) or "nothing")
    return " or ".join(terms)


def _place(volumes: tuple[NodeSelector, ...]) -> str:
    """Where volumes live: `in zone eu-1a`, `on node n1`, or the requirement as it is."""
    places: list[str] = []
    for volume in volumes:
        terms: list[str] = []
        for term in volume.node_selector_terms:
            parts = []
            for one in term.match_expressions:
                words = _PLACE_WORDS.get(one.key.rpartition("/")[2], f"where {one.key} {one.operator}")
                parts.append(f"{words} {' or '.join(one.values)}".rstrip())
            terms.append(" and ".join(parts))
        places.append(" or ".join(filter(None, terms)))
    return " and ".join(filter(None, dict.fromkeys(places))) or "on certain nodes"


_PLACE_WORDS: Final = {"zone": "in zone", "hostname": "on node", "region": "in region"}


def _began(barred: Barred) -> tuple[float, str]:
    times = [taint.time_added.timestamp() for taint in barred.taints if taint.time_added is not None]
    return (min(times) if times else float("inf"), barred.room.node.name)


def _began_before(barred: Barred, since: datetime | None) -> bool:
    began = _began(barred)[0]
    return since is None or began == float("inf") or began <= (since + _CLOCK_TOLERANCE).timestamp()


def _count(nodes: Sequence[Barred]) -> str:
    return f"{len(nodes)} node{'' if len(nodes) == 1 else 's'}"


def _is(nodes: Sequence[Barred]) -> str:
    return "is" if len(nodes) == 1 else "are"


def _has(nodes: Sequence[Barred]) -> str:
    return "has" if len(nodes) == 1 else "have"


def _names(nodes: Sequence[Barred]) -> str:
    return _listed(sorted(one.room.node.name for one in nodes))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
