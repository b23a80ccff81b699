"""Evict one pod, within its disruption budget; its controller makes another.

Why: moves a pod that hangs, or that its node treats badly, without taking more replicas away than its budget allows.
Undo: an evicted pod does not come back.
Not: where the budget allows none, or the pod is a static one; `delete-pod` goes past budgets.
Source: https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
"""

from datetime import timedelta
from typing import Final

import msgspec

from daytwo.actions.ending import pod as ending
from daytwo.catalog import Declaration
from daytwo.domains.disruption.drain import refusal
from daytwo.model.call import Call
from daytwo.model.change import Change, Delete, Evict
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Unseen
from daytwo.model.outcome import Outcome, Verification
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.pod import Pod
from daytwo.model.right import Right
from daytwo.model.step import Step
from daytwo.model.target import Target
from daytwo.model.tier import Class, Tier

ACTION = Declaration(kinds=("Pod",), writes=(Right("create", "", "pods/eviction"),), reads=ending.READS)

_REPLACED_WITHIN: Final = timedelta(minutes=10)
_NO_UNDO: Final = "a pod that ended does not come back"


def needs(call: Call) -> Needs:
    target = target_of(call)
    return Needs(objects=(target,), kinds=ending.KINDS, namespaces=(target.namespace,))


def plan(call: Call, facts: Facts) -> Plan:
    target, snapshot = target_of(call), facts.snapshot
    pod = found(call, facts)
    title = f"evict {target}"
    if pod.is_terminating:
        return Plan(call, title, already=f"{target} is on its way out already")
    if pod.is_mirror:
        return Plan(call, title, blocked=blocked_by_kubelet(pod))
    placed = msgspec.structs.replace(target, uid=pod.metadata.uid)
    try:
        refused = refusal(pod, snapshot)
    except Unseen:
        # Said among the unknowns; the API server asks the budget anyway.
        refused = None
    if refused is not None:
        return Plan(call, title, blocked=f"{refused.why}; {refused.fix}")
    return ending_plan(call, title, pod, Evict(placed), facts)


def watch(step: Step) -> Needs:
    return ending.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    return ending.verify(step, done, facts)


def undo(step: Step, done: Outcome) -> Step | None:
    return None


# -- what delete-pod does the same way ------------------------------------------------------------------------------


def target_of(call: Call) -> Target:
    assert call.target is not None
    return call.target


def found(call: Call, facts: Facts) -> Pod:
    live = facts.live(target_of(call))
    if live is None:
        raise UsageError(f"there is no {target_of(call)}; `kubectl get pods -n {target_of(call).namespace}` lists those there are")
    return live.as_(Pod)


def blocked_by_kubelet(pod: Pod) -> str:
    return f"{pod.namespace}/{pod.name} is a static pod: only its manifest on node {pod.spec.node_name} ends it"


def ending_plan(call: Call, title: str, pod: Pod, change: Change, facts: Facts, warnings: tuple[str, ...] = ()) -> Plan:
    """One pod ends: mutating where its controller replaces it, else destructive."""
    snapshot = facts.snapshot
    assert isinstance(change, Delete | Evict)
    is_replaced = ending.is_replaced(pod, snapshot)
    class_ = Class.MUTATING if is_replaced else Class.DESTRUCTIVE
    grace = timedelta(seconds=max(pod.spec.termination_grace_period_seconds, 0))
    step = Step(title, call, change, class_, _REPLACED_WITHIN + grace, no_undo=_NO_UNDO, replacer=ending.replacer(pod))
    effects = (f"{snapshot.top_owner(pod)} makes another pod in its place",) if is_replaced else ()
    return Plan(
        call,
        title,
        (step,),
        class_,
        Tier.T2 if is_replaced else Tier.T3,
        BlastRadius(pods=1, workloads=1, share_ratio=ending.share(pod, snapshot)),
        effects,
        warnings=(*warnings, *ending.warnings(pod, snapshot)),
        unknowns=ending.unseen_kinds(snapshot, ending.KINDS, pod.namespace),
        no_undo=_NO_UNDO,
    )
