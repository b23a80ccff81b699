"""Change the fewest and the most replicas that a HorizontalPodAutoscaler may choose.

Why: the most is reached and not enough, or the fewest does not carry a known peak.
Undo: the bounds before; the autoscaler then chooses anew.
Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
"""

from datetime import timedelta

import msgspec

from daytwo.actions.forms import patch
from daytwo.catalog import Declaration
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Guard, Patch
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.right import Right
from daytwo.model.step import Step
from daytwo.model.target import Target

ACTION = Declaration(
    kinds=("HorizontalPodAutoscaler",),
    parameters=(
        Parameter("min", ParameterType.NUMBER, "The fewest replicas; unchanged unless given."),
        Parameter("max", ParameterType.NUMBER, "The most replicas; unchanged unless given."),
    ),
    writes=(Right("patch", "autoscaling", "horizontalpodautoscalers"),),
    reads=(Right("get", "autoscaling", "horizontalpodautoscalers"),),
)

_MIN, _MAX = "/spec/minReplicas", "/spec/maxReplicas"
# The autoscaler looks every 15 s; what it then asks for takes its time to start.
_PATIENCE = timedelta(minutes=5)


def needs(call: Call) -> Needs:
    return Needs(objects=(_target(call),))


def plan(call: Call, facts: Facts) -> Plan:
    fewest, most = call.number("min"), call.number("max")
    if fewest is None and most is None:
        raise UsageError("nothing is to be changed; write --min, --max, or both")
    live = facts.live(_target(call))
    if live is None:
        raise UsageError(f"there is no {_target(call)}")
    autoscaler = live.as_(HorizontalPodAutoscaler)
    target = msgspec.structs.replace(_target(call), uid=live.uid)
    fewest = autoscaler.spec.min_replicas if fewest is None else fewest
    most = autoscaler.spec.max_replicas if most is None else most
    if fewest < 0 or most < 1 or fewest > most:
        raise UsageError(f"--min {fewest} --max {most}: the most must be at least 1 and at least the fewest; give both to move both")
    title = f"let {target} choose between {fewest} and {most} replicas"
    # Both in one patch: one after the other might pass through bounds that the API server refuses.
    fields = tuple(FieldChange(path, old=live.at(path), new=new) for path, new in ((_MIN, fewest), (_MAX, most)) if live.at(path) != new)
    if not fields:
        return Plan(call, title, already=f"{target} chooses between {fewest} and {most} replicas")
    if live.is_terminating:
        return Plan(call, title, blocked=f"{target} is being deleted")
    kept = tuple(Guard(path, live.at(path)) for path in (_MIN, _MAX) if path not in {field.path for field in fields})
    undo = f"let it choose between {autoscaler.spec.min_replicas} and {autoscaler.spec.max_replicas} replicas"
    step = Step(title, call, Patch(target, fields, kept), deadline=_PATIENCE, undo=undo)
    effects, blast = _told(autoscaler, fewest, most)
    return Plan(call, title, (step,), blast=blast, effects=effects, undo=undo)


def watch(step: Step) -> Needs:
    assert step.change.target is not None
    return Needs(objects=(step.change.target,))


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    """Done when what the autoscaler asks for, and what runs, lies within the bounds. It has no generation to go by."""
    assert isinstance(step.change, Patch)
    live = facts.live(step.change.target)
    if lost := patch.lost(step.change, live):
        return Verification(Seen.FAILED, lost)
    assert live is not None
    autoscaler = live.as_(HorizontalPodAutoscaler)
    status, fewest, most = autoscaler.status, autoscaler.spec.min_replicas, autoscaler.spec.max_replicas
    active = autoscaler.condition("ScalingActive")
    if active is not None and active.reason == "ScalingDisabled":
        return Verification(Seen.DONE, "stored; its target has no replicas, which switches it off")
    detail = f"{status.current_replicas} replicas, bounds {fewest} to {most}"
    is_within = fewest <= status.current_replicas <= most
    # Without metrics it asks for nothing, yet it keeps to its bounds.
    is_asked = fewest <= status.desired_replicas <= most or (active is not None and active.status != "True")
    if is_within and is_asked:
        return Verification(Seen.DONE, detail)
    able = autoscaler.condition("AbleToScale")
    if able is not None and able.status == "False" and able.message:
        detail += f"; {able.message}"
    return Verification(Seen.NOT_YET, detail, mark=f"{status.current_replicas} {status.desired_replicas}")


def undo(step: Step, done: Outcome) -> Step | None:
    assert isinstance(step.change, Patch)
    title = f"give {step.change.target} its bounds back"
    return msgspec.structs.replace(step, title=title, change=patch.inverse(step.change), undo="")


def _target(call: Call) -> Target:
    assert call.target is not None
    return call.target


def _told(autoscaler: HorizontalPodAutoscaler, fewest: int, most: int) -> tuple[tuple[str, ...], BlastRadius]:
    """What the next look of the autoscaler does at once; within the bounds metrics decide."""
    now = autoscaler.status.current_replicas
    scaled = autoscaler.target.short
    if now == 0:
        return (f"{scaled} runs no replicas",), BlastRadius(workloads=1)
    if now < fewest:
        return (f"{scaled} goes from {now} to {fewest} replicas within 15 s",), BlastRadius(workloads=1)
    if now > most:
        blast = BlastRadius(pods=now - most, workloads=1, share_ratio=(now - most) / now)
        return (f"{scaled} goes from {now} to {most} replicas within 15 s, stabilization or not",), blast
    return (f"{scaled} keeps its {now} replicas until metrics ask for others",), BlastRadius(workloads=1)
