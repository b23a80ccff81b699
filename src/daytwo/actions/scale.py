"""Change how many replicas a workload has, through its scale subresource.

Why: more replicas carry more load or survive more losses; fewer free what they asked for.
Undo: back to the number before; asked about when somebody else has scaled since.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment
"""

from datetime import timedelta

import msgspec

from daytwo.actions.forms import patch
from daytwo.catalog import Declaration
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Patch
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Unseen
from daytwo.model.live import Live
from daytwo.model.metadata import Condition, Resource, condition
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.right import Right
from daytwo.model.step import Step
from daytwo.model.target import Target
from daytwo.model.tier import Class, Tier

ACTION = Declaration(
    kinds=("Deployment", "StatefulSet", "ReplicaSet"),
    parameters=(Parameter("replicas", ParameterType.NUMBER, "How many replicas it shall have.", is_required=True),),
    writes=(
        Right("patch", "apps", "deployments/scale"),
        Right("patch", "apps", "statefulsets/scale"),
        Right("patch", "apps", "replicasets/scale"),
    ),
    reads=(
        Right("get", "apps", "deployments"),
        Right("get", "apps", "statefulsets"),
        Right("get", "apps", "replicasets"),
        Right("get", "apps", "deployments/scale"),
        Right("get", "apps", "statefulsets/scale"),
        Right("get", "apps", "replicasets/scale"),
        Right("list", "autoscaling", "horizontalpodautoscalers"),
    ),
    subresource="scale",
)

_REPLICAS = "/spec/replicas"
_PATIENCE = timedelta(minutes=10)


class _Status(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """What the three kinds tell alike; an absent number is zero."""

    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    terminating_replicas: int = 0
    conditions: tuple[Condition, ...] = ()


def needs(call: Call) -> Needs:
    target = _target(call)
    return Needs(objects=(target.main, target), kinds=(HorizontalPodAutoscaler.KIND,), namespaces=(target.namespace,))


def plan(call: Call, facts: Facts) -> Plan:
    target, wanted = _target(call), call.number("replicas")
    if wanted is None or wanted < 0:
        raise UsageError(f"--replicas: {call.params.get('replicas')} is no number of replicas; write 0 or more")
    scale, main = facts.live(target), facts.live(target.main)
    if scale is None or main is None:
        raise UsageError(f"there is no {target.main}")
    found = scale.at(_REPLICAS)
    # Zero is left out by the API server.
    before = found if isinstance(found, int) else 0
    title = f"scale {target.main} from {before} to {wanted}"
    if before == wanted:
        return Plan(call, title, already=f"{target.main} already has {wanted} replicas")
    if main.is_terminating:
        return Plan(call, title, blocked=f"{target.main} is being deleted")
    if owner := _owning_workload(main):
        return Plan(call, title, blocked=f"{owner} sets the replicas of {target.main} and would set them back; scale that instead")
    change = Patch(msgspec.structs.replace(target, uid=scale.uid), (FieldChange(_REPLICAS, old=found, new=wanted),))
    warnings, unknowns = _autoscaling(target, before, wanted, facts)
    fewer = max(before - wanted, 0)
    blast = BlastRadius(pods=fewer, workloads=1, share_ratio=fewer / before if before else 0.0)
    effects = [_pods(fewer, "ends", "end") if fewer else _pods(wanted - before, "starts", "start")]
    undo, no_undo, class_, tier = f"scale back to {before}", "", Class.MUTATING, Tier.T1
    if claims := _claims_lost(main, fewer):
        effects.append(claims)
        undo, no_undo, class_, tier = "", "the volumes of the pods that end are deleted with them", Class.DESTRUCTIVE, Tier.T3
    step = Step(title, call, change, class_, deadline=_PATIENCE, undo=undo, no_undo=no_undo)
    return Plan(
        call,
        title,
        (step,),
        class_=class_,
        tier=tier,
        blast=blast,
        effects=tuple(effects),
        warnings=warnings,
        unknowns=unknowns,
        undo=undo,
        no_undo=no_undo,
    )


def watch(step: Step) -> Needs:
    return Needs(objects=(_main(step),))


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    """Done when as many are ready as were asked for, and none is left of those that were to end."""
    live = facts.live(_main(step))
    if live is None:
        return Verification(Seen.FAILED, f"{_main(step)} is gone")
    assert isinstance(step.change, Patch)
    if step.change.target.uid and live.uid != step.change.target.uid:
        return Verification(Seen.FAILED, f"{_main(step)} was deleted and made anew")
    wanted = step.change.fields[0].new or 0
    now = live.at(_REPLICAS) or 0
    if now != wanted:
        return Verification(Seen.FAILED, f"somebody set it to {now} replicas meanwhile")
    status = msgspec.convert(live.at("/status") or {}, _Status, strict=False)
    if status.observed_generation < (live.generation or 0):
        return Verification(Seen.NOT_YET, "its controller has not looked at it yet", mark="unobserved")
    settled = min(status.ready_replicas, status.available_replicas)
    detail = f"{settled} of {wanted} ready" if wanted else "no replica is wanted"
    left = max(status.replicas - int(str(wanted)), 0) + status.terminating_replicas
    if left:
        detail += f", {left} to end"
    if settled == wanted == status.replicas and not status.terminating_replicas:
        return Verification(Seen.DONE, detail if wanted else "no replica is left")
    failure = condition(status.conditions, "ReplicaFailure")
    if failure is not None and failure.status == "True":
        detail += f"; {failure.message}"
    mark = f"{status.observed_generation} {settled} {status.ready_replicas} {status.replicas} {status.terminating_replicas}"
    return Verification(Seen.NOT_YET, detail, mark=mark)


def undo(step: Step, done: Outcome) -> Step | None:
    if not step.undo:
        return None
    assert isinstance(step.change, Patch)
    back = patch.inverse(step.change)
    title = f"scale {_main(step)} back to {back.fields[0].new or 0}"
    return msgspec.structs.replace(step, title=title, change=back, undo="")


def _target(call: Call) -> Target:
    """The scale of what the call names."""
    assert call.target is not None
    return msgspec.structs.replace(call.target, subresource="scale")


def _main(step: Step) -> Target:
    assert step.change.target is not None
    return step.change.target.main


def _pods(count: int, one: str, many: str) -> str:
    return f"1 pod {one}" if count == 1 else f"{count} pods {many}"


def _owning_workload(main: Live) -> str:
    """The Deployment, or another controller, above a ReplicaSet. What an operator owns may be scaled: it is among those who fight."""
    owner = main.as_(Resource).controller
    is_replica_set = main.text("/kind") == "ReplicaSet"
    return f"{owner.kind.lower()} {owner.name}" if owner is not None and is_replica_set else ""


def _claims_lost(main: Live, fewer: int) -> str:
    """What becomes of the volumes of a StatefulSet that shrinks."""
    if not fewer or not main.at("/spec/volumeClaimTemplates"):
        return ""
    if main.at("/spec/persistentVolumeClaimRetentionPolicy/whenScaled") != "Delete":
        return ""
    return f"the PersistentVolumeClaims of {_pods(fewer, 'is', 'are')} deleted, and what is on them"


def _autoscaling(target: Target, before: int, wanted: int, facts: Facts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What zero means to an autoscaler; that it may choose another number is told among those who fight. Warnings, unknowns."""
    try:
        autoscalers = facts.snapshot.of(HorizontalPodAutoscaler, target.namespace)
    except Unseen as unseen:
        return (), (f"whether an autoscaler chooses the replicas: {unseen.gap}",)
    names = [autoscaler.name for autoscaler in autoscalers if autoscaler.target == target.ref]
    if not names:
        return (), ()
    if wanted == 0:
        return (f"autoscaler {names[0]} is switched off while there are no replicas",), ()
    if before == 0:
        return (f"autoscaler {names[0]} is switched on again and chooses the replicas",), ()
    return (), ()
