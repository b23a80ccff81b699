"""Let a paused Deployment roll out again, with what changed in its template meanwhile.

Why: a paused Deployment takes changes and runs none of them.
Undo: paused again, where it then is.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment
"""

import msgspec

from daytwo.actions import rollout_pause
from daytwo.actions.rolling import history, template
from daytwo.catalog import Declaration
from daytwo.domains.workloads import rollout
from daytwo.domains.workloads.revisions import images_of
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Patch
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Unseen
from daytwo.model.live import Live
from daytwo.model.outcome import Outcome, Verification
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.right import Right
from daytwo.model.step import Step
from daytwo.model.workload import Deployment

ACTION = Declaration(
    kinds=("Deployment",),
    writes=(Right("patch", "apps", "deployments"),),
    reads=(Right("get", "apps", "deployments"), Right("list", "apps", "replicasets")),
)

_PATH = "/spec/paused"


def needs(call: Call) -> Needs:
    return Needs(objects=(template.target_of(call),), lists=(history.keepers(call),))


def plan(call: Call, facts: Facts) -> Plan:
    live = template.found(call, facts)
    title = f"resume the rollout of {template.target_of(call)}"
    if live.at(_PATH) is not True:
        return Plan(call, title, already=f"{template.target_of(call)} is not paused")
    target = msgspec.structs.replace(template.target_of(call), uid=live.uid)
    if live.is_terminating:
        return Plan(call, title, blocked=f"{target} is being deleted")
    deployment = live.as_(Deployment)
    unknowns: tuple[str, ...] = ()
    try:
        effects, blast = _pending(call, live, deployment, facts)
    except Unseen as unseen:
        effects, blast = (), _resumed(deployment).blast
        unknowns = (f"whether anything is rolled out: {unseen.gap}",)
    undo = "pause it again, where it then is"
    change = Patch(target, (FieldChange(_PATH, old=True, new=None),))
    step = Step(title, call, change, deadline=rollout.patience(deployment), undo=undo)
    return Plan(call, title, (step,), blast=blast, effects=effects, unknowns=unknowns, undo=undo)


def _pending(call: Call, live: Live, deployment: Deployment, facts: Facts) -> tuple[tuple[str, ...], BlastRadius]:
    """What waits to be rolled out."""
    kept = history.read(call, live, facts)
    newest = next(iter(kept), None)
    status = deployment.status
    if newest is not None and newest.is_current and status.replicas == status.updated_replicas:
        return ("nothing waits: its pods have the present template",), BlastRadius(workloads=1)
    before = set(newest.images) if newest is not None else set()
    images = [image for image in images_of(live.at("/spec/template")) if image not in before]
    waiting = f"the waiting change is rolled out: {', '.join(images)}" if images else "the waiting change is rolled out"
    resumed = _resumed(deployment)
    return (waiting, *resumed.effects), resumed.blast


def _resumed(deployment: Deployment) -> rollout.Roll:
    return rollout.roll(msgspec.structs.replace(deployment, spec=msgspec.structs.replace(deployment.spec, paused=False)))


def watch(step: Step) -> Needs:
    return template.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    return rollout_pause.verify(step, done, facts)


def undo(step: Step, done: Outcome) -> Step | None:
    return rollout_pause.undo(step, done)
