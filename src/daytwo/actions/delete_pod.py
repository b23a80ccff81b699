"""Delete one pod, past its disruption budget; its controller, if it has one, makes another.

Why: the short way to restart one pod, and the only one where its budget allows no eviction.
Undo: a deleted pod does not come back.
Not: static pods, which only their manifest on the node ends.
Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
"""

import msgspec

from daytwo.actions import evict_pod
from daytwo.actions.ending import pod as ending
from daytwo.catalog import Declaration
from daytwo.domains.disruption.drain import refusal
from daytwo.model.call import Call
from daytwo.model.change import Delete
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Unseen
from daytwo.model.outcome import Outcome, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import Plan
from daytwo.model.pod import Pod
from daytwo.model.right import Right
from daytwo.model.snapshot import Snapshot
from daytwo.model.step import Step
from daytwo.model.tier import Class, Tier

ACTION = Declaration(
    kinds=("Pod",),
    parameters=(
        Parameter(
            "grace-period",
            ParameterType.NUMBER,
            "Seconds the pod is given to end; as the pod says unless given. 0 does not wait for its node to say that it ended.",
            metavar="SECONDS",
        ),
    ),
    writes=(Right("delete", "", "pods"),),
    reads=ending.READS,
)


def needs(call: Call) -> Needs:
    return evict_pod.needs(call)


def plan(call: Call, facts: Facts) -> Plan:
    target = evict_pod.target_of(call)
    grace = _grace(call)
    pod = evict_pod.found(call, facts)
    title = f"delete {target}"
    if pod.is_mirror:
        return Plan(call, title, blocked=evict_pod.blocked_by_kubelet(pod))
    granted = pod.metadata.deletion_grace_period_seconds
    if pod.is_terminating and not (grace is not None and granted is not None and grace < granted):
        return Plan(call, title, already=_leaving(pod))
    change = Delete(msgspec.structs.replace(target, uid=pod.metadata.uid), grace_seconds=grace)
    made = evict_pod.ending_plan(call, title, pod, change, facts, _budget_warnings(pod, facts.snapshot))
    return _forced(made, pod) if grace == 0 else made


def watch(step: Step) -> Needs:
    return ending.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    return ending.verify(step, done, facts)


def undo(step: Step, done: Outcome) -> Step | None:
    return None


def _grace(call: Call) -> int | None:
    grace = call.number("grace-period")
    if grace is not None and grace < 0:
        raise UsageError(f"--grace-period: {grace} is no number of seconds; write 0 or more")
    return grace


def _leaving(pod: Pod) -> str:
    held = f", held by {', '.join(pod.metadata.finalizers)}" if pod.metadata.finalizers else ""
    return f"pod {pod.namespace}/{pod.name} is on its way out already{held}"


def _budget_warnings(pod: Pod, snapshot: Snapshot) -> tuple[str, ...]:
    try:
        refused = refusal(pod, snapshot)
    except Unseen:
        return ()
    return (f"an eviction would be refused, and a deletion is not: {refused.why}",) if refused is not None else ()


def _forced(made: Plan, pod: Pod) -> Plan:
    """Without grace the API server forgets the pod at once, and its processes may live on: never merely mutating."""
    where = f"on node {pod.spec.node_name} its processes may go on beside those of its replacement"
    warning = f"the API server forgets the pod at once; {where}"
    steps = tuple(msgspec.structs.replace(step, class_=Class.DESTRUCTIVE) for step in made.steps)
    return msgspec.structs.replace(made, steps=steps, class_=Class.DESTRUCTIVE, tier=Tier.T3, warnings=(warning, *made.warnings))
