"""Empty a node: cordon it, then evict its pods one after the other, each after the one before is replaced.

Why: before a node is upgraded, repaired or removed, what runs on it moves without going below any disruption budget.
Undo: uncordon; pods do not move back, and data in emptyDir is gone. A drain that fails uncordons the node if it cordoned it.
Not: pods of DaemonSets, static pods and finished ones, which stay. Bare pods and pods with data in emptyDir stop the plan unless
--force or --delete-emptydir-data says that they may end.
Source: https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from daytwo.actions import cordon
from daytwo.actions.ending import pod as ending
from daytwo.catalog import Declaration
from daytwo.domains.disruption.arithmetic import Leave
from daytwo.domains.disruption.drain import Drain, Eviction, Refusal, Stay, Why, most_away, play, stays
from daytwo.domains.disruption.elsewhere import Fate
from daytwo.model.call import Call
from daytwo.model.change import Evict, Patch, Wait
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.live import Live
from daytwo.model.moment import parse_duration
from daytwo.model.node import Node
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.pod import Pod
from daytwo.model.right import Right
from daytwo.model.snapshot import Snapshot
from daytwo.model.step import Step
from daytwo.model.target import built_in
from daytwo.model.tier import Class, Tier
from daytwo.model.workload import Workload

ACTION = Declaration(
    kinds=("Node",),
    parameters=(
        Parameter("force", ParameterType.FLAG, "Also evict pods without a controller: they are gone for good."),
        Parameter("delete-emptydir-data", ParameterType.FLAG, "Also evict pods that keep data on the node (emptyDir): it is lost."),
        Parameter(
            "timeout",
            ParameterType.DURATION,
            "How long one pod may take to be evicted and replaced, beyond its grace period, before the drain gives up; 10m unless given.",
        ),
    ),
    writes=(Right("patch", "", "nodes"), Right("create", "", "pods/eviction")),
    reads=(
        Right("get", "", "nodes"),
        Right("list", "", "nodes"),
        Right("list", "", "persistentvolumeclaims"),
        Right("list", "", "persistentvolumes"),
        *ending.READS,
    ),
)

_KINDS: Final = (Node.KIND, "PersistentVolumeClaim", "PersistentVolume", *ending.KINDS)
_DEFAULT_TIMEOUT: Final = "10m"
_NO_UNDO: Final = "evicted pods do not move back; only the cordon is taken back"
_DRAINED: Final = "drained"


def needs(call: Call) -> Needs:
    return Needs(objects=(cordon.target_of(call),), kinds=_KINDS)


def plan(call: Call, facts: Facts) -> Plan:
    target, snapshot = cordon.target_of(call), facts.snapshot
    timeout = _timeout(call)
    live = cordon.found(call, facts)
    title = f"drain {target}"
    # Without all pods there is no plan: those of a namespace that nobody may read are on the node too.
    snapshot.require(Pod.KIND)
    here = sorted(snapshot.pods_on(target.name), key=lambda pod: (pod.namespace, pod.name))
    staying, going = _sorted_out(call, here, snapshot)
    if not going and cordon.is_cordoned(live) and not _in_the_way(staying) and not _ending(staying):
        held = _warnings(live.as_(Node), Drain(()), staying, snapshot)
        return Plan(call, title, warnings=held, already=f"{target} is cordoned and {_told_staying(staying) or 'has no pods'}")
    drain = play(target.name, going, snapshot)
    told = Plan(
        call,
        title,
        class_=Class.DESTRUCTIVE,
        tier=Tier.T3,
        blast=_blast(drain, snapshot),
        effects=_effects(drain, staying),
        warnings=_warnings(live.as_(Node), drain, staying, snapshot),
        unknowns=_unknowns(drain, snapshot),
        no_undo=_NO_UNDO,
        blocked=_blocked(target.name, drain, staying),
    )
    return told if told.blocked else msgspec.structs.replace(told, steps=_steps(call, live, drain, timeout))


def watch(step: Step) -> Needs:
    match step.change:
        case Patch():
            return cordon.watch(step)
        case Wait():
            return Needs(kinds=(Pod.KIND,))
    return ending.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    match step.change:
        case Patch():
            return cordon.verify(step, done, facts)
        case Wait():
            return _verify_drained(step, facts.snapshot)
    return ending.verify(step, done, facts)


def undo(step: Step, done: Outcome) -> Step | None:
    return cordon.undo(step, done) if isinstance(step.change, Patch) else None


# -- planning -------------------------------------------------------------------------------------------------------


def _timeout(call: Call) -> timedelta:
    try:
        return parse_duration(call.text("timeout") or _DEFAULT_TIMEOUT)
    except ValueError as error:
        raise UsageError(f"--timeout: {error}") from error


def _sorted_out(call: Call, pods: Iterable[Pod], snapshot: Snapshot) -> tuple[list[Stay], list[Pod]]:
    staying: list[Stay] = []
    going: list[Pod] = []
    for pod in pods:
        stay = stays(pod, snapshot, takes_bare=call.flag("force"), takes_local=call.flag("delete-emptydir-data"))
        if stay is None:
            going.append(pod)
        else:
            staying.append(stay)
    return staying, going


def _in_the_way(staying: Iterable[Stay]) -> list[Stay]:
    """Pods that would end with the node, and that nobody has said may end."""
    return [stay for stay in staying if stay.why in (Why.BARE, Why.LOCAL)]


def _ending(staying: Iterable[Stay]) -> list[Pod]:
    """Pods that end by themselves, held by no finalizer."""
    return [stay.pod for stay in staying if stay.why is Why.TERMINATING and not stay.detail]


def _steps(call: Call, live: Live, drain: Drain, timeout: timedelta) -> tuple[Step, ...]:
    steps: list[Step] = []
    if not cordon.is_cordoned(live):
        steps.append(msgspec.structs.replace(cordon.step(call, live, is_cordoned=True), on_failure_undo=True))
    steps.extend(_eviction(call, eviction, timeout) for eviction in drain.evictions)
    target = msgspec.structs.replace(cordon.target_of(call), uid=live.uid)
    title = f"see that {target} holds no pods but those that stay"
    steps.append(Step(title, call, Wait(target, _DRAINED), Class.READ, timeout, no_undo="nothing is changed"))
    return tuple(steps)


def _eviction(call: Call, eviction: Eviction, timeout: timedelta) -> Step:
    pod = eviction.pod
    target = built_in(Pod.KIND, pod.namespace, pod.name, uid=pod.metadata.uid)
    within = f", within disruption budget {eviction.budget.name}" if eviction.budget and eviction.leave is Leave.SPENDS else ""
    grace = timedelta(seconds=max(pod.spec.termination_grace_period_seconds, 0))
    return Step(
        f"evict {target}{within}",
        call,
        Evict(target),
        Class.DESTRUCTIVE,
        timeout + grace,
        no_undo="an evicted pod does not come back",
        replacer=ending.replacer(pod),
    )


def _blast(drain: Drain, snapshot: Snapshot) -> BlastRadius:
    away = most_away(drain.evictions, snapshot)
    shares = [0.0]
    for ref, count in away.items():
        workload = snapshot.find(ref)
        replicas = workload.replicas if isinstance(workload, Workload) else 0
        shares.append(min(count / replicas, 1.0) if replicas else 1.0)
    return BlastRadius(pods=len(drain.evictions), nodes=1, workloads=len(away), share_ratio=max(shares))


def _blocked(node: str, drain: Drain, staying: Sequence[Stay]) -> str:
    """Everything that stops it, with what to do; empty where nothing does."""
    found: list[str] = []
    local = [stay for stay in staying if stay.why is Why.LOCAL]
    if local:
        found.append(f"{_pods(stay.pod for stay in local)} keep data on {node} (emptyDir); --delete-emptydir-data lets it be lost")
    bare = [stay for stay in staying if stay.why is Why.BARE]
    if bare:
        found.append(f"nothing would replace {_pods(stay.pod for stay in bare)} ({bare[0].detail}); --force lets them end for good")
    found.extend(_told_refusals(drain.refusals))
    return ". ".join(found)


def _told_refusals(refusals: Iterable[Refusal]) -> list[str]:
    """One text for all pods that are refused for the same reason."""
    pods: dict[tuple[str, str], list[Pod]] = {}
    for refusal in refusals:
        pods.setdefault((refusal.why, refusal.fix), []).append(refusal.pod)
    return [f"{_pods(found)} cannot be evicted: {why}; {fix}" for (why, fix), found in pods.items()]


def _effects(drain: Drain, staying: Sequence[Stay]) -> tuple[str, ...]:
    found: list[str] = []
    count = len(drain.evictions)
    if drain.refusals:
        found.append(f"{count} of {count + len(drain.refusals)} pods could be evicted, and then it would stop")
    elif count:
        found.append("1 pod is evicted" if count == 1 else f"{count} pods are evicted, each once the one before is replaced")
        placed = sum(eviction.placement.fate is Fate.PLACED for eviction in drain.evictions)
        found.append("all of them have room on other nodes" if placed == count else f"{placed} of {count} surely have room on other nodes")
    else:
        found.append("no pod has to be evicted")
    if told := _told_staying(staying):
        found.append(told)
    return tuple(found)


def _told_staying(staying: Sequence[Stay]) -> str:
    """`3 DaemonSet and 1 static pod stay`; those in the way are told where they block."""
    counts = Counter(stay.why for stay in staying if stay.why not in (Why.BARE, Why.LOCAL))
    total = sum(counts.values())
    words = " and ".join(f"{count} {why}" for why, count in sorted(counts.items()))
    return f"{words} {'pod stays' if total == 1 else 'pods stay'}" if total else ""


def _warnings(node: Node, drain: Drain, staying: Sequence[Stay], snapshot: Snapshot) -> tuple[str, ...]:
    found: list[str] = []
    if not node.is_ready:
        found.append("the node is not ready: its pods end only once its kubelet says so, and until then nothing is drained")
    found.extend(
        f"{stay.pod.namespace}/{stay.pod.name} ends already, but is {stay.detail}"
        for stay in staying
        if stay.why is Why.TERMINATING and stay.detail
    )
    homeless: dict[str, list[Pod]] = {}
    for eviction in drain.evictions:
        if eviction.placement.fate is Fate.HOMELESS:
            homeless.setdefault(eviction.placement.why, []).append(eviction.pod)
    found.extend(f"the replacements of {_pods(pods)} would wait for a node: {why}" for why, pods in homeless.items())
    for eviction in drain.evictions:
        found.extend(ending.warnings(eviction.pod, snapshot))
    return tuple(dict.fromkeys(found))


def _unknowns(drain: Drain, snapshot: Snapshot) -> tuple[str, ...]:
    found = list(ending.unseen_kinds(snapshot, _KINDS))
    open_places: dict[str, list[Pod]] = {}
    for eviction in drain.evictions:
        if eviction.placement.fate is Fate.UNKNOWN:
            open_places.setdefault(eviction.placement.why, []).append(eviction.pod)
    found.extend(f"whether {_pods(pods)} find another node: {why}" for why, pods in open_places.items())
    found.extend(f"if those do not become ready, {told}" for told in _told_refusals(drain.doubts))
    return tuple(found)


def _pods(pods: Iterable[Pod]) -> str:
    """`shop/a, shop/b, shop/c and 2 more`."""
    names = [f"{pod.namespace}/{pod.name}" for pod in pods]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


# -- looking again --------------------------------------------------------------------------------------------------


def _verify_drained(step: Step, snapshot: Snapshot) -> Verification:
    """Done when nothing is left but what stays; a pod that came after the plan is nobody's to evict without a new one."""
    assert step.change.target is not None
    snapshot.require(Pod.KIND)
    node = step.change.target.name
    staying, left = _sorted_out(step.call, snapshot.pods_on(node), snapshot)
    left += [stay.pod for stay in _in_the_way(staying)]
    ending_pods = _ending(staying)
    if left:
        came = _pods(sorted(left, key=lambda pod: (pod.namespace, pod.name)))
        return Verification(Seen.FAILED, f"{came} came to node {node} after the drain was planned; drain it again")
    if ending_pods:
        return Verification(Seen.NOT_YET, f"{_pods(ending_pods)} still end", mark=str(len(ending_pods)))
    return Verification(Seen.DONE, f"drained; {_told_staying(staying)}" if staying else "drained; no pod is left")
