"""Put a workload's pod template back to an earlier revision.

Why: the last rollout made things worse, and what ran before it is known to have run.
Undo: the template of now; to undo twice without it goes back and forth between the last two revisions, not further back.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment
"""

import msgspec

from daytwo.actions.forms import leaves
from daytwo.actions.rolling import history, template
from daytwo.catalog import Declaration
from daytwo.domains.workloads import rollout
from daytwo.domains.workloads.revisions import Revision, images_of, plain_template
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Guard
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.json import Json, at_parts, parts_of, pointer
from daytwo.model.live import Live
from daytwo.model.masking import mask_image
from daytwo.model.masking_json import mask_json
from daytwo.model.outcome import Outcome, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import Plan
from daytwo.model.step import Step
from daytwo.model.workload import REVISION, StatefulSet

ACTION = Declaration(
    kinds=template.KINDS,
    parameters=(
        Parameter("to-revision", ParameterType.NUMBER, "The revision to go back to; the one before the present one unless given."),
    ),
    writes=template.WRITES,
    reads=(*template.READS, *history.READS),
)

_TEMPLATE = ("spec", "template")


def needs(call: Call) -> Needs:
    return Needs(objects=(template.target_of(call),), lists=(history.keepers(call),))


def plan(call: Call, facts: Facts) -> Plan:
    """Raises Unseen where the kept revisions cannot be listed: without them there is nothing to plan."""
    live = template.found(call, facts)
    target = template.target_of(call)
    kept = history.read(call, live, facts)
    title = f"undo the rollout of {target}"
    present = _present(live, kept)
    earlier = _chosen(call, kept, present)
    if earlier is None:
        limit = live.at("/spec/revisionHistoryLimit")
        return Plan(call, title, blocked=f"{target} has no earlier revision: its controller keeps none (revisionHistoryLimit {limit})")
    title = f"roll {target} back to revision {earlier.number}"
    different = leaves.fields(plain_template(live.at(pointer(*_TEMPLATE))), earlier.template, *_TEMPLATE)
    changes = tuple(FieldChange(field.path, old=live.at(field.path), new=field.new) for field in different)
    if not changes:
        return Plan(call, title, already=f"{target} has the template of revision {earlier.number}")
    workload = template.typed(target, live)
    if held := rollout.roll(workload).held_back:
        return Plan(call, title, blocked=f"no pod would go back: {held.partition(':')[0]}; {template.instead(target)}")
    undo = f"go forward to revision {present.number}, which then has a new number" if present else "put the present template back"
    no_undo = ""
    if mask_json(msgspec.to_builtins(changes)) != [msgspec.to_builtins(field) for field in changes]:
        undo, no_undo = "", "it changes values that are secret, which are never written down; `daytwo act rollout-undo` goes forward again"
    planned = template.plan(
        call,
        live,
        title,
        changes,
        guards=_guards(live, changes),
        effects=(
            *_told(live, earlier, kept),
            "the template alone goes back: replicas, ConfigMaps, Secrets and volumes stay as they are",
        ),
        undo=undo,
        no_undo=no_undo,
    )
    if isinstance(workload, StatefulSet) and workload.spec.pod_management_policy != "Parallel" and _is_stuck(workload):
        return _with_warning(planned, f"a pod of {target} that never got ready is not replaced: delete it once this is done")
    return planned


def watch(step: Step) -> Needs:
    return template.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    return template.verify(step, done, facts)


def undo(step: Step, done: Outcome) -> Step | None:
    if not step.undo:
        return None
    return template.undo(step, f"put the template of {template.changed(step).target} forward again")


def _present(live: Live, kept: tuple[Revision, ...]) -> Revision | None:
    """The revision of the present template; the newest where a field that a newer API server fills in makes it look different."""
    same = next((revision for revision in kept if revision.is_current), None)
    observed = live.at("/status/observedGeneration")
    is_observed = isinstance(observed, int) and live.generation is not None and observed >= live.generation
    return same or (next(iter(kept), None) if is_observed else None)


def _chosen(call: Call, kept: tuple[Revision, ...], present: Revision | None) -> Revision | None:
    wanted = call.number("to-revision")
    if wanted is None:
        return next((revision for revision in kept if revision is not present), None)
    for revision in kept:
        if revision.number == wanted:
            return revision
    known = ", ".join(f"{revision.number} ({'; '.join(map(mask_image, revision.images))})" for revision in kept) or "none"
    raise UsageError(f"--to-revision: revision {wanted} is not kept; write one of {known}")


def _guards(live: Live, changes: tuple[FieldChange, ...]) -> tuple[Guard, ...]:
    """The rollout that is taken back must still be the present one, and elements of lists are known by their names."""
    paths = [pointer("metadata", "annotations", REVISION), "/status/updateRevision"]
    guards = [Guard(path, live.at(path), until_done=True) for path in paths if live.at(path) is not None]
    if not guards:
        # A DaemonSet tells no revision; its generation moves with its spec alone.
        guards.append(Guard("/metadata/generation", live.generation, until_done=True))
    names = dict.fromkeys(_names_on_the_way(live.value, changes))
    return (*guards, *(Guard(path, live.at(path)) for path in names))


def _names_on_the_way(value: Json, changes: tuple[FieldChange, ...]) -> list[str]:
    """The paths of the names of all elements of lists that the changes lie in."""
    return [
        pointer(*parts[:depth], "name")
        for parts in (parts_of(field.path) for field in changes)
        for depth in range(1, len(parts))
        if isinstance(at_parts(value, parts[: depth - 1]), list)
    ]


def _told(live: Live, earlier: Revision, kept: tuple[Revision, ...]) -> tuple[str, ...]:
    """The images that change; where none does, as after a restart, which revision has others."""
    now = dict(image.split(" ", 1) for image in images_of(live.at(pointer(*_TEMPLATE))))
    then = dict(image.split(" ", 1) for image in earlier.images)
    changed = tuple(
        f"{name}: {mask_image(now.get(name, 'absent'))} → {mask_image(then.get(name, 'absent'))}"
        for name in sorted({*now, *then})
        if now.get(name) != then.get(name)
    )
    if changed:
        return changed
    other = next((revision for revision in kept if set(revision.images) != set(earlier.images)), None)
    where = f"; revision {other.number} has {', '.join(map(mask_image, other.images))} (--to-revision {other.number})" if other else ""
    return (f"the images stay as they are{where}",)


def _is_stuck(workload: StatefulSet) -> bool:
    return workload.status.ready_replicas < workload.spec.replicas


def _with_warning(plan: Plan, warning: str) -> Plan:
    return msgspec.structs.replace(plan, warnings=(*plan.warnings, warning))
