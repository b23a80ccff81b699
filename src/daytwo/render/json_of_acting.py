"""Plans and runs as JSON documents (docs/reference/{plan,run,runs}.schema.json)."""

from collections.abc import Iterable
from itertools import zip_longest

from daytwo.model.change import Apply, Delete, Evict, Execute, Patch, Wait
from daytwo.model.outcome import Outcome
from daytwo.model.person import Person
from daytwo.model.plan import Diff, FieldDiff
from daytwo.model.proposal import Proposal, Proposed
from daytwo.model.run import Act, Run, StageRecord
from daytwo.model.step import Step
from daytwo.model.target import Target
from daytwo.render import document_of_acting as document
from daytwo.render.json import encoded
from daytwo.render.text_of_runs import title_of

_FORMS = {Patch: "patch", Apply: "apply", Delete: "delete", Evict: "evict", Wait: "wait", Execute: "execute"}


def plan(proposal: Proposal) -> str:
    return encoded(
        document.PlanDocument(
            schema_=document.PLAN_SCHEMA,
            cluster=document.OnCluster(proposal.cluster.name, proposal.cluster.uid),
            person=_who(proposal.person),
            undoes=proposal.undoes,
            answer=proposal.answer,
            calls=tuple(map(_call, proposal.items)),
        )
    )


def run(found: Run) -> str:
    return encoded(document.RunDocument(schema_=document.RUN_SCHEMA, run=_run(found)))


def runs(found: Iterable[Run]) -> str:
    return encoded(document.RunsDocument(schema_=document.RUNS_SCHEMA, runs=tuple(map(_run, found))))


def _call(item: Proposed) -> document.PlannedCall:
    plan, ruling = item.plan, item.ruling
    steps = zip_longest(plan.steps, item.diffs[: len(plan.steps)], item.digests[: len(plan.steps)])
    return document.PlannedCall(
        action=plan.call.uses,
        target=_on(plan.call.target),
        parameters=plan.call.params,
        title=plan.title,
        class_=ruling.class_,
        tier=ruling.tier,
        steps=tuple(_step(step, diff or Diff(), digest or "") for step, diff, digest in steps),
        blast_radius=document.Radius(plan.blast.pods, plan.blast.nodes, plan.blast.workloads, round(plan.blast.share_ratio, 6)),
        effects=plan.effects,
        fighters=tuple(document.Reverter(one.who, one.what, one.evidence, one.instead, one.is_later) for one in plan.fighters),
        warnings=plan.warnings,
        unknowns=plan.unknowns,
        undo=plan.undo,
        no_undo=plan.no_undo,
        already=plan.already,
        blocked=plan.blocked,
        ruling=document.Ruled(
            answer=ruling.answer,
            people=ruling.people,
            consent=ruling.consent,
            no_yes=ruling.no_yes,
            reasons=tuple(document.WhyRuled(one.rule, one.answer, one.text) for one in ruling.reasons),
        ),
    )


def _step(step: Step, diff: Diff, digest: str) -> document.PlannedStep:
    return document.PlannedStep(
        title=step.title,
        class_=step.class_,
        form=_FORMS[type(step.change)],
        target=_on(step.change.target),
        argv=step.change.argv if isinstance(step.change, Execute) else None,
        deadline_seconds=step.deadline.total_seconds(),
        undo=step.undo,
        no_undo=step.no_undo,
        diff=document.Rehearsal(_fields(diff.asked), _fields(diff.besides), diff.warnings, diff.unknown),
        digest=digest,
    )


def _fields(fields: tuple[FieldDiff, ...]) -> tuple[document.Field, ...]:
    return tuple(document.Field(one.path, one.old, one.new) for one in fields)


def _on(target: Target | None) -> document.On | None:
    if target is None:
        return None
    return document.On(target.type.name, target.namespace, target.name, target.uid, target.subresource)


def _who(person: Person) -> document.Who:
    return document.Who(person.name, person.origin, person.through)


def _run(run: Run) -> document.OneRun:
    waiting = run.waiting
    return document.OneRun(
        id=run.id,
        state=run.state,
        title=run.title,
        cluster=document.OnCluster(run.cluster_name, run.cluster),
        person=_who(run.actor),
        why=run.why,
        undoes=run.undoes,
        created_at=run.created_at,
        finished_at=run.finished_at,
        waiting=document.WaitsFor(waiting.kind, waiting.text, waiting.stage, waiting.digest, waiting.until) if waiting else None,
        stages=tuple(map(_stage, run.stages)),
        approvals=tuple(document.Approved(one.digest, _who(one.person), one.at, one.why) for one in run.approvals),
    )


def _stage(record: StageRecord) -> document.RunStage:
    stage = record.stage
    act = stage if isinstance(stage, Act) else None
    return document.RunStage(
        number=record.number,
        kind="act" if act else "pause",
        title=title_of(stage),
        action=act.step.call.uses if act else "",
        target=_on(act.step.change.target) if act else None,
        state=record.state,
        detail=record.detail,
        undoes=act.undoes if act else None,
        people=act.people if act else 0,
        due_at=record.due_at,
        finished_at=record.finished_at,
        attempts=tuple(document.Try(one.number, one.at, one.digest, _ended(one.outcome)) for one in record.attempts),
    )


def _ended(outcome: Outcome | None) -> document.Ended | None:
    return document.Ended(outcome.status, outcome.at, outcome.detail) if outcome is not None else None
