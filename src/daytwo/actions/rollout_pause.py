"""Keep a Deployment from rolling out changes of its template until it is resumed.

Why: a bad rollout stops where it is, or several changes are made ready and rolled out at once.
Undo: resumed; what changed meanwhile is then rolled out.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment
"""

import msgspec

from daytwo.actions.forms import patch
from daytwo.actions.rolling import template
from daytwo.actions.rolling.template import changed
from daytwo.catalog import Declaration
from daytwo.domains.workloads import rollout
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Patch
from daytwo.model.facts import Facts, Needs
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.right import Right
from daytwo.model.step import Step
from daytwo.model.workload import Deployment

ACTION = Declaration(
    kinds=("Deployment",),
    writes=(Right("patch", "apps", "deployments"),),
    reads=(Right("get", "apps", "deployments"),),
)

_PATH = "/spec/paused"


def needs(call: Call) -> Needs:
    return Needs(objects=(template.target_of(call),))


def plan(call: Call, facts: Facts) -> Plan:
    live = template.found(call, facts)
    title = f"pause the rollout of {template.target_of(call)}"
    if live.at(_PATH) is True:
        return Plan(call, title, already=f"{template.target_of(call)} is paused")
    target = msgspec.structs.replace(template.target_of(call), uid=live.uid)
    if live.is_terminating:
        return Plan(call, title, blocked=f"{target} is being deleted")
    deployment = live.as_(Deployment)
    effects = ["changes of its template wait until it is resumed; scaling goes on"]
    now = rollout.progress(deployment, None)
    if now.seen is not Seen.DONE:
        effects.append(f"a rollout is under way and stops where it is: {now.detail}")
    undo = "resume the rollout"
    step = Step(title, call, Patch(target, (FieldChange(_PATH, old=live.at(_PATH), new=True),)), undo=undo)
    return Plan(call, title, (step,), blast=BlastRadius(workloads=1), effects=tuple(effects), undo=undo)


def watch(step: Step) -> Needs:
    return template.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    """Of pausing, and of its undo: what is resumed is done when what it rolls out is."""
    change = changed(step)
    live = facts.live(change.target)
    if lost := patch.lost(change, live):
        return Verification(Seen.FAILED, lost)
    assert live is not None
    deployment = live.as_(Deployment)
    if not deployment.spec.paused:
        return rollout.progress(deployment, done.generation)
    status = deployment.status
    if status.observed_generation < max(done.generation or 0, deployment.metadata.generation):
        return Verification(Seen.NOT_YET, "its controller has not looked at it yet", mark="unobserved")
    return Verification(Seen.DONE, f"paused with {status.updated_replicas or status.replicas} of {deployment.spec.replicas} pods updated")


def undo(step: Step, done: Outcome) -> Step | None:
    verb = "pause" if changed(step).fields[0].old is True else "resume"
    return template.undo(step, f"{verb} the rollout of {changed(step).target}")
