"""Wait until something holds of an object: it is ready, it is gone, a condition or a field has a value.

Why: between two changes, and before somebody is told that all is well. A status that speaks of an older spec does not count.
Undo: none is needed, it changes nothing.
Source: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_wait/
"""

from datetime import timedelta
from typing import Final

import msgspec

from daytwo.catalog import Declaration
from daytwo.domains.changes.condition import DELETED, READY, look, parse_until
from daytwo.domains.workloads import rollout
from daytwo.domains.workloads.rollout import RollingWorkload
from daytwo.model.call import Call
from daytwo.model.change import Wait
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.live import Live
from daytwo.model.moment import parse_duration
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.step import Step
from daytwo.model.target import Target
from daytwo.model.tier import Class
from daytwo.model.workload import DaemonSet, Deployment, StatefulSet

ACTION = Declaration(
    kinds=("*",),
    parameters=(
        Parameter(
            "until",
            ParameterType.TEXT,
            "What to wait for: ready, deleted, created, condition=NAME[=VALUE], jsonpath={PATH}[=VALUE].",
            is_required=True,
        ),
        Parameter("timeout", ParameterType.DURATION, "How long at most; 5m unless given."),
    ),
)

_ROLLING: Final[dict[str, type[RollingWorkload]]] = {"Deployment": Deployment, "StatefulSet": StatefulSet, "DaemonSet": DaemonSet}
_USUAL: Final = timedelta(minutes=5)


def needs(call: Call) -> Needs:
    return Needs(objects=(_target(call),))


def plan(call: Call, facts: Facts) -> Plan:
    target, until = _target(call), parse_until(call.text("until"))
    live = facts.live(target)
    title = f"wait for {target} until {until}"
    seen = _seen(target, call.text("until"), live, "")
    if seen.seen is Seen.DONE:
        return Plan(call, title, class_=Class.READ, already=f"{target}: {seen.detail}")
    if seen.seen is Seen.FAILED:
        return Plan(call, title, class_=Class.READ, blocked=f"{target}: {seen.detail}")
    placed = msgspec.structs.replace(target, uid=live.uid if live is not None and until.word == DELETED else "")
    timeout = parse_duration(call.text("timeout")) if call.text("timeout") else _USUAL
    step = Step(title, call, Wait(placed, call.text("until")), class_=Class.READ, deadline=timeout, no_undo="it changes nothing")
    warnings = (f"{target} does not exist yet",) if live is None else ()
    return Plan(call, title, (step,), class_=Class.READ, blast=BlastRadius(), warnings=warnings, no_undo=step.no_undo)


def watch(step: Step) -> Needs:
    assert isinstance(step.change, Wait)
    return Needs(objects=(step.change.target,))


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    assert isinstance(step.change, Wait)
    target = step.change.target
    return _seen(target, step.change.until, facts.live(target), target.uid)


def undo(step: Step, done: Outcome) -> Step | None:
    return None


def _seen(target: Target, text: str, live: Live | None, uid: str) -> Verification:
    until = parse_until(text)
    type = _ROLLING.get(target.type.name)
    if until.word == READY and type is not None and live is not None:
        found = rollout.progress(live.as_(type), live.generation)
    else:
        found = look(until, target.type.name, live, uid)
    # Progress does not prolong the wait: the time that was given is the time that it takes at most.
    return msgspec.structs.replace(found, mark="")


def _target(call: Call) -> Target:
    if call.target is None:
        raise UsageError("there is nothing to wait for; name it as KIND/NAME")
    return call.target
