"""Apply manifests: create what is not there, and change what is there to what they say (server-side apply).

Why: a manifest says everything at once; only the fields it names are changed, and what others own is not taken from them.
Undo: what was created is deleted, of what was changed the old values are put back; a Namespace or a CustomResourceDefinition goes
with everything in it. Secret values are not kept in the ledger, so a change of them cannot be taken back later.
Rights: patch on every kind in the manifests, create where an object is not there, delete to take that back.
Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

from datetime import timedelta
from typing import Final

import msgspec

from daytwo.actions.forms import apply as form
from daytwo.actions.forms.delete import standing as standing_of_deletion
from daytwo.catalog import Declaration
from daytwo.domains.changes.place import follow, leaves, names_of
from daytwo.domains.changes.stored import is_stored
from daytwo.domains.workloads import rollout
from daytwo.domains.workloads.rollout import RollingWorkload
from daytwo.model.call import Call
from daytwo.model.change import Apply, Delete
from daytwo.model.concealment import is_concealed
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.json import Object
from daytwo.model.kinds import WORKLOAD_KINDS
from daytwo.model.live import Live
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.standing import Stand
from daytwo.model.step import Step
from daytwo.model.target import Target
from daytwo.model.tier import Class, Tier
from daytwo.model.withholding import is_withheld
from daytwo.model.workload import DaemonSet, Deployment, StatefulSet

ACTION = Declaration(
    parameters=(
        Parameter(
            "manifest",
            ParameterType.PATH,
            "A file of YAML or JSON, or - for standard input.",
            is_required=True,
            is_argument=True,
            metavar="FILE",
        ),
        Parameter("force-conflicts", ParameterType.FLAG, "Take fields that another manager owns; it may set them back."),
    ),
)

_ROLLING: Final[dict[str, type[RollingWorkload]]] = {"Deployment": Deployment, "StatefulSet": StatefulSet, "DaemonSet": DaemonSet}
_HOLDS_OTHERS: Final = ("Namespace", "CustomResourceDefinition")


def needs(call: Call) -> Needs:
    return Needs(objects=(_target(call),))


def plan(call: Call, facts: Facts) -> Plan:
    target, manifest = _target(call), call.params.get("manifest")
    if not isinstance(manifest, dict):
        raise UsageError("there is no manifest; name a file, or - for standard input")
    if is_concealed(manifest):
        raise UsageError(f"the manifest of {target} holds masked values, as daytwo prints them; put the real ones in")
    live = facts.live(target)
    change = form.change(target, manifest, live, force=call.flag("force-conflicts"))
    if live is None:
        return _creation(call, change)
    title = f"apply {target}"
    if live.is_terminating:
        return Plan(call, title, blocked=f"{target} is being deleted; apply it again when it is gone")
    if form.standing(change, live).stand is Stand.DONE:
        return Plan(call, title, already=f"{target} is as the manifest says")
    undo = "put back what stood in the fields that it changes"
    no_undo = ""
    if is_withheld(change):
        undo, no_undo = "", "secret values are not kept in the ledger: what they were is known to nobody afterwards"
    class_ = Class.MUTATING if undo else Class.DESTRUCTIVE
    deadline, blast, effects, warnings = _becomes(target, change, live)
    step = Step(title, call, change, class_=class_, deadline=deadline, undo=undo, no_undo=no_undo)
    tier = Tier.T1 if undo else Tier.T3
    return Plan(call, title, (step,), class_=class_, tier=tier, blast=blast, effects=effects, warnings=warnings, undo=undo, no_undo=no_undo)


def watch(step: Step) -> Needs:
    assert step.change.target is not None
    return Needs(objects=(step.change.target.main,))


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    change = step.change
    assert isinstance(change, Apply | Delete)
    live = facts.live(change.target)
    if isinstance(change, Delete):
        if live is not None and live.uid == change.target.uid and live.is_terminating:
            waits = live.at("/metadata/finalizers")
            return Verification(Seen.NOT_YET, f"is being deleted, and waits for its finalizers: {waits}" if waits else "is being deleted")
        is_gone = standing_of_deletion(change, live).stand is Stand.DONE
        return Verification(Seen.DONE, "gone") if is_gone else Verification(Seen.NOT_YET, "still there")
    if live is None or (done.uid and live.uid != done.uid):
        return Verification(Seen.FAILED, f"{change.target} was deleted meanwhile")
    # Read back from the ledger, where secret values are not kept, nobody knows any more what was wanted.
    lost = "" if is_concealed(change.manifest) or is_concealed(change.before) else form.lost(change, live)
    if lost:
        return Verification(Seen.FAILED, f"somebody changed it meanwhile: {lost}")
    type = _ROLLING.get(change.target.type.name)
    if type is not None:
        return rollout.progress(live.as_(type), done.generation)
    observed = live.at("/status/observedGeneration")
    if isinstance(observed, int) and done.generation is not None and observed < done.generation:
        return Verification(Seen.NOT_YET, "its controller has not looked at it yet", mark="unobserved")
    return Verification(Seen.DONE, "stored as the manifest says")


def undo(step: Step, done: Outcome) -> Step | None:
    change = step.change
    assert isinstance(change, Apply)
    if form.is_new(change):
        if not done.uid:
            return None
        target = msgspec.structs.replace(change.target, uid=done.uid)
        deletion = Delete(target, propagation="Background")
        return msgspec.structs.replace(
            step, title=f"delete {target}", change=deletion, class_=Class.DESTRUCTIVE, undo="", no_undo="what is deleted is gone"
        )
    if is_concealed(change.before) or is_concealed(change.manifest):
        # Read back from the ledger, where secret values are not kept.
        return None
    return msgspec.structs.replace(step, title=f"put back {change.target}", change=form.inverse(change), undo="", no_undo="")


def _target(call: Call) -> Target:
    if call.target is None:
        raise UsageError("there is no manifest; name a file, or - for standard input")
    return call.target


def _creation(call: Call, change: Apply) -> Plan:
    target = change.target
    title = f"create {target}"
    undo = f"delete {target}"
    warnings: tuple[str, ...] = ()
    if target.type.name in _HOLDS_OTHERS:
        within = "everything in it" if target.type.name == "Namespace" else "every object of its kind"
        undo = f"delete {target}, with {within}"
        warnings = (f"undoing this deletes {target} with {within} by then",)
    replicas = _replicas(change.manifest)
    effects = (_moved(replicas),) if replicas and target.type.name in _ROLLING else ()
    step = Step(title, call, change, deadline=timedelta(minutes=10), undo=undo)
    return Plan(call, title, (step,), blast=_blast(target), effects=effects, warnings=warnings, undo=undo)


def _becomes(target: Target, change: Apply, live: Live) -> tuple[timedelta, BlastRadius, tuple[str, ...], tuple[str, ...]]:
    """Deadline, blast radius, effects and warnings of changing what is there."""
    type = _ROLLING.get(target.type.name)
    if type is None:
        return timedelta(minutes=5), _blast(target), (), ()
    workload = live.as_(type)
    kind = target.type.name
    changed = [place for place, wanted in leaves(kind, change.manifest) if not is_stored(place, wanted, follow(kind, live.value, place))]
    removed = [place for place, _ in leaves(kind, change.before) if follow(kind, change.manifest, place) is None]
    effects: list[str] = []
    warnings: list[str] = []
    blast = BlastRadius(workloads=1)
    old, new = live.at("/spec/replicas"), _replicas(change.manifest)
    if isinstance(old, int) and new is not None and new != old:
        effects.append(_moved(new - old))
        blast = BlastRadius(pods=max(old - new, 0), workloads=1, share_ratio=max(old - new, 0) / old if old else 0.0)
    if any(names_of(place)[:2] == ("spec", "template") for place in (*changed, *removed)):
        roll = rollout.roll(workload)
        effects += roll.effects
        blast = max(blast, roll.blast, key=lambda one: one.pods)
        warnings += [f"{target}: {one}" for one in (roll.held_back, roll.kept_back) if one]
    return rollout.patience(workload), blast, tuple(effects), tuple(warnings)


def _blast(target: Target) -> BlastRadius:
    return BlastRadius(workloads=int(target.type.name in WORKLOAD_KINDS))


def _moved(pods: int) -> str:
    """`1 pod starts`, `3 pods end`."""
    verb = "start" if pods > 0 else "end"
    return f"1 pod {verb}s" if abs(pods) == 1 else f"{abs(pods)} pods {verb}"


def _replicas(manifest: Object) -> int | None:
    spec = manifest.get("spec")
    found = spec.get("replicas") if isinstance(spec, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None
