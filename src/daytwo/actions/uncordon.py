"""Let new pods be placed on a node again.

Why: a node that was repaired or tried out is of no use while it is cordoned.
Undo: cordon it again.
Not: pods that were evicted from it do not come back by themselves.
Source: https://kubernetes.io/docs/concepts/architecture/nodes/#manual-node-administration
"""

from daytwo.actions import cordon
from daytwo.catalog import Declaration
from daytwo.model.call import Call
from daytwo.model.facts import Facts, Needs
from daytwo.model.fitting import CORDON
from daytwo.model.node import LEAVING_TAINTS, Node
from daytwo.model.outcome import Outcome, Verification
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.right import Right
from daytwo.model.step import Step

ACTION = Declaration(kinds=("Node",), writes=(Right("patch", "", "nodes"),), reads=(Right("get", "", "nodes"),))


def needs(call: Call) -> Needs:
    return cordon.needs(call)


def plan(call: Call, facts: Facts) -> Plan:
    live = cordon.found(call, facts)
    target = cordon.target_of(call)
    title = f"uncordon {target}"
    if not cordon.is_cordoned(live):
        return Plan(call, title, already=f"{target} is not cordoned")
    node = live.as_(Node)
    step = cordon.step(call, live, is_cordoned=False)
    effects = [f"new pods may be placed on it; it was cordoned{cordon.who_cordoned(live, facts) or ' by somebody unknown'}"]
    warnings = [
        f"something is removing this node (taint {taint.key}): what is placed on it now will be moved again"
        for taint in node.spec.taints
        if taint.key in LEAVING_TAINTS
    ]
    if not node.is_ready:
        warnings.append("the node is not ready: nothing will be placed on it before it is")
    others = [taint.key for taint in node.spec.taints if taint.key not in LEAVING_TAINTS | {CORDON.key}]
    if others:
        effects.append(f"it still repels pods that do not tolerate {', '.join(dict.fromkeys(others))}")
    blast = BlastRadius(nodes=1)
    return Plan(call, title, (step,), blast=blast, effects=tuple(effects), warnings=tuple(warnings), undo=step.undo)


def watch(step: Step) -> Needs:
    return cordon.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    return cordon.verify(step, done, facts)


def undo(step: Step, done: Outcome) -> Step | None:
    return cordon.undo(step, done)
