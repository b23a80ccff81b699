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
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.right import Right
from daytwo.model.step import Step
from daytwo.model.target import Target

ACTION = Declaration(
    kinds=("Deployment", "StatefulSet", "ReplicaSet"),
    parameters=(Parameter("replicas", ParameterType.NUMBER, "How many replicas it shall have.", is_required=True),),
    writes=(
        Right("patch", "apps", "deployments/scale"),
        Right("patch", "apps", "statefulsets/scale"),
        Right("patch", "apps", "replicasets/scale"),
    ),
    reads=(Right("get", "apps", "deployments"), Right("get", "apps", "deployments/scale")),
    subresource="scale",
)


def needs(call: Call) -> Needs:
    assert call.target is not None
    return Needs(objects=(call.target.main, call.target), kinds=("HorizontalPodAutoscaler",), namespaces=(call.target.namespace,))


def plan(call: Call, facts: Facts) -> Plan:
    target, wanted = call.target, call.number("replicas")
    assert target is not None
    if wanted is None or wanted < 0:
        raise UsageError(f"--replicas: {call.params.get('replicas')} is no number of replicas; write 0 or more")
    live = facts.live(target)
    if live is None:
        raise UsageError(f"there is no {target}")
    found = live.at("/spec/replicas")
    before = found if isinstance(found, int) else 0
    title = f"scale {target.main} from {before} to {wanted}"
    if before == wanted:
        return Plan(call, title, already=f"{target.main} already has {wanted} replicas")
    placed = msgspec.structs.replace(target, uid=live.uid)
    change = Patch(placed, (FieldChange("/spec/replicas", old=found, new=wanted),))
    step = Step(title, call, change, deadline=timedelta(minutes=10), undo=f"scale back to {before}")
    more = wanted - before
    effects = (f"{more} pods start",) if more > 0 else (f"{-more} pods end",)
    blast = BlastRadius(pods=max(-more, 0), workloads=1, share_ratio=max(-more, 0) / before if before else 0.0)
    return Plan(call, title, (step,), blast=blast, effects=effects, undo=step.undo)


def watch(step: Step) -> Needs:
    return Needs(objects=(_main(step),))


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    live = facts.live(_main(step))
    if live is None:
        return Verification(Seen.FAILED, f"{_main(step)} is gone")
    assert isinstance(step.change, Patch)
    wanted = step.change.fields[0].new
    if live.at("/spec/replicas") != wanted:
        return Verification(Seen.FAILED, f"somebody set it to {live.at('/spec/replicas')} replicas meanwhile")
    ready, total = live.at("/status/readyReplicas") or 0, live.at("/status/replicas") or 0
    observed, generation = live.at("/status/observedGeneration"), live.generation
    is_seen = isinstance(observed, int) and generation is not None and observed >= generation
    detail = f"{ready} of {wanted} ready"
    if is_seen and ready == wanted and total == wanted and (live.at("/status/terminatingReplicas") or 0) == 0:
        return Verification(Seen.DONE, detail)
    return Verification(Seen.NOT_YET, detail, mark=f"{observed} {ready} {total}")


def undo(step: Step, done: Outcome) -> Step | None:
    assert isinstance(step.change, Patch)
    back = patch.inverse(step.change)
    title = f"scale {_main(step)} back to {back.fields[0].new}"
    return msgspec.structs.replace(step, title=title, change=back, undo="")


def _main(step: Step) -> Target:
    assert step.change.target is not None
    return step.change.target.main
