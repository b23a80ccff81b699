"""Replace all pods of a workload by new ones of the same template, as its update strategy says.

Why: pods that hang, leak, or hold an old Secret or ConfigMap begin anew, without a gap where the strategy allows it.
Undo: nothing takes back a restart; to remove its mark would restart all pods once more.
Source: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/
"""

from datetime import UTC, datetime

import msgspec

from daytwo.actions.rolling import template
from daytwo.catalog import Declaration
from daytwo.domains.workloads import rollout
from daytwo.model.call import Call
from daytwo.model.change import FieldChange
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.json import pointer
from daytwo.model.outcome import Outcome, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import Plan
from daytwo.model.step import Step
from daytwo.model.workload import RESTARTED_AT

ACTION = Declaration(
    kinds=template.KINDS,
    parameters=(
        Parameter(
            "restarted-at",
            ParameterType.TEXT,
            "The time to write into the pod template; now unless given. The same time again restarts nothing.",
            metavar="TIME",
        ),
    ),
    writes=template.WRITES,
    reads=template.READS,
)

_PATH = pointer("spec", "template", "metadata", "annotations", RESTARTED_AT)


def needs(call: Call) -> Needs:
    return Needs(objects=(template.target_of(call),))


def plan(call: Call, facts: Facts) -> Plan:
    live = template.found(call, facts)
    target = template.target_of(call)
    value = _time(call.text("restarted-at")) or _written(facts.at)
    # Fixed here, so that this plan carried out twice is one restart.
    call = msgspec.structs.replace(call, params={**call.params, "restarted-at": value})
    title = f"restart {target}"
    before = live.at(_PATH)
    if before == value:
        return Plan(call, title, already=f"{target} was restarted at {value}")
    workload = template.typed(target, live)
    if held := rollout.roll(workload).held_back:
        return Plan(call, title, blocked=f"a restart would do nothing: {held.partition(':')[0]}; {template.instead(target)}")
    fields = (FieldChange(_PATH, old=before, new=value),)
    return template.plan(call, live, title, fields, no_undo="a restart cannot be taken back; pods that ended do not return")


def watch(step: Step) -> Needs:
    return template.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    return template.verify(step, done, facts)


def undo(step: Step, done: Outcome) -> Step | None:
    return None


def _time(text: str) -> str:
    if not text:
        return ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UsageError(f'--restarted-at: "{text}" is no time with a zone; write one such as 2026-11-20T08:00:00Z')
    return _written(at)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
