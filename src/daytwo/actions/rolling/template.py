"""A change of a pod template: what it does to the pods, and whether they have it."""

from collections.abc import Sequence
from typing import Final

import msgspec

from daytwo.actions.forms import patch
from daytwo.domains.workloads import rollout
from daytwo.domains.workloads.rollout import RollingWorkload
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Guard, Patch
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.live import Live
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.plan import Plan
from daytwo.model.right import Right
from daytwo.model.step import Step
from daytwo.model.target import Target
from daytwo.model.tier import Tier
from daytwo.model.workload import DaemonSet, Deployment, StatefulSet

KINDS: Final = ("Deployment", "StatefulSet", "DaemonSet")
WRITES: Final = tuple(Right("patch", "apps", resource) for resource in ("deployments", "statefulsets", "daemonsets"))
READS: Final = tuple(Right("get", "apps", resource) for resource in ("deployments", "statefulsets", "daemonsets"))

_TYPES: Final[dict[str, type[RollingWorkload]]] = {"Deployment": Deployment, "StatefulSet": StatefulSet, "DaemonSet": DaemonSet}
# What holds a rollout back: the change is sent only while these are as they were when it was planned.
_HOLDS: Final = {
    "Deployment": ("/spec/paused",),
    "StatefulSet": ("/spec/updateStrategy/type", "/spec/updateStrategy/rollingUpdate/partition"),
    "DaemonSet": ("/spec/updateStrategy/type",),
}


def target_of(call: Call) -> Target:
    assert call.target is not None
    return call.target


def found(call: Call, facts: Facts) -> Live:
    """The object as it stands. Raises UsageError where there is none, and Unseen where it could not be read."""
    live = facts.live(target_of(call))
    if live is None:
        raise UsageError(f"there is no {target_of(call)}; `kubectl get {target_of(call).type.plural}` lists those there are")
    return live


def typed(target: Target, live: Live) -> RollingWorkload:
    return live.as_(_TYPES[target.type.name])


def instead(target: Target) -> str:
    """What to do where a changed template would reach no pod."""
    if target.type.kind == "Deployment":
        return f"resume it first: `daytwo act rollout-resume deployment/{target.name} -n {target.namespace}`"
    return "delete its pods one by one instead: `daytwo act delete-pod`"


def plan(
    call: Call,
    live: Live,
    title: str,
    fields: Sequence[FieldChange],
    guards: Sequence[Guard] = (),
    effects: Sequence[str] = (),
    undo: str = "",
    no_undo: str = "",
) -> Plan:
    """The plan of one change of the template, which is not there yet."""
    target = msgspec.structs.replace(target_of(call), uid=live.uid)
    if live.is_terminating:
        return Plan(call, title, blocked=f"{target} is being deleted")
    workload = typed(target, live)
    roll = rollout.roll(workload)
    holds = tuple(Guard(path, live.at(path)) for path in _HOLDS[target.type.name])
    change = Patch(target, tuple(fields), (*guards, *holds))
    step = Step(title, call, change, deadline=rollout.patience(workload), undo=undo, no_undo=no_undo)
    warnings = (f"{target}: {roll.held_back}",) if roll.held_back else (f"{target}: {roll.kept_back}",) if roll.kept_back else ()
    return Plan(
        call,
        title,
        (step,),
        tier=Tier.T1 if undo else Tier.T2,
        blast=roll.blast,
        effects=(*effects, *roll.effects),
        warnings=warnings,
        undo=undo,
        no_undo=no_undo,
    )


def watch(step: Step) -> Needs:
    return Needs(objects=(changed(step).target,))


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    """Done when every pod that shall have the new template has it and is available."""
    change = changed(step)
    live = facts.live(change.target)
    if lost := patch.lost(change, live):
        return Verification(Seen.FAILED, lost)
    assert live is not None
    workload = typed(change.target, live)
    seen = rollout.progress(workload, done.generation)
    held = rollout.roll(workload).held_back
    if seen.seen is Seen.FAILED and held and seen.detail == held and _is_held_as_planned(change, live):
        return Verification(Seen.DONE, f"stored; {held}")
    return seen


def undo(step: Step, title: str) -> Step:
    """The step that puts the fields back."""
    return msgspec.structs.replace(step, title=title, change=patch.inverse(changed(step)), undo="")


def changed(step: Step) -> Patch:
    assert isinstance(step.change, Patch)
    return step.change


def _is_held_as_planned(change: Patch, live: Live) -> bool:
    holds = _HOLDS[change.target.type.name]
    return all(live.at(guard.path) == guard.value for guard in change.guards if guard.path in holds)
