"""The one door for writing to the world: plan, rehearse, let policy and people decide, send, look again.

A change goes out through `Door.send` alone, after its intent is recorded (`engine/runs.py` sees to that).
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from daytwo import catalog
from daytwo.actions.forms import answer, form
from daytwo.domains.changes.diff import differences
from daytwo.domains.changes.fighters import fighters, needs_of_fighters, needs_of_owners, reverted
from daytwo.engine.hands import Already, Changed, Prepared, Ready, Refused, Settled, Settlement
from daytwo.model.call import Call
from daytwo.model.change import Apply, Change, Delete, Evict, Execute, Patch, Wait
from daytwo.model.cluster import Cluster
from daytwo.model.digest import digest, digest_of_undo
from daytwo.model.document import Document
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Unseen
from daytwo.model.json import Object
from daytwo.model.live import Live
from daytwo.model.moment import EARLIEST, duration
from daytwo.model.outcome import Outcome, Seen, Status, Verification
from daytwo.model.person import Person
from daytwo.model.plan import BlastRadius, Diff, Plan
from daytwo.model.proposal import Proposal, Proposed
from daytwo.model.request import Request, Response
from daytwo.model.ruling import Ruling
from daytwo.model.run import Act, Approval, Attempt, Pause, Run, RunState, Stage, StageRecord
from daytwo.model.standing import Stand
from daytwo.model.step import Step
from daytwo.model.target import Target
from daytwo.sources.kubernetes.resolution import Served

# A plan is made on one state of the object; one that keeps moving is looked at again so often.
_LOOKS: Final = 8
_RESTLESS: Final = "it keeps changing while it is looked at"


class ActingSource(Protocol):
    """What is read for planning and verifying. `namespace` is where things are that nobody says the namespace of."""

    @property
    def namespace(self) -> str: ...

    async def served(self) -> Served: ...

    async def identify(self) -> Cluster: ...

    async def facts(self, cluster: Cluster, needs: Needs) -> Facts: ...


class Writer(Protocol):
    """Sends changes to the API server."""

    async def send(self, request: Request) -> Response: ...

    async def rehearse(self, request: Request) -> Response: ...


class Runner(Protocol):
    """Runs a foreign argv."""

    async def run(self, argv: tuple[str, ...]) -> Outcome: ...


Policy = Callable[[Plan, tuple[Diff, ...]], Awaitable[Ruling]]


class Door:
    """One cluster, as one person. Everything that changes it goes through here."""

    def __init__(self, source: ActingSource, writer: Writer, runner: Runner, cluster: Cluster, person: Person) -> None:
        self.cluster = cluster
        self.person = person
        self._source = source
        self._writer = writer
        self._runner = runner

    async def target(self, text: str, namespace: str | None, kinds: Sequence[str], subresource: str = "") -> Target:
        """The object that `KIND/NAME` means, or NAME where there is but one kind. UsageError where it is none of these kinds."""
        if "/" not in text and len(kinds) == 1 and kinds[0] != "*":
            text = f"{kinds[0]}/{text}"
        found = (await self._source.served()).target(text, namespace or self._source.namespace)
        if found.type.name not in kinds and "*" not in kinds:
            wanted = " or ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))
            raise UsageError(f"{text} is a {found.type.kind}; this is for {wanted}")
        return msgspec.structs.replace(found, subresource=subresource)

    async def targets_of(self, documents: Sequence[Document], namespace: str | None) -> list[Target]:
        """The objects that manifests are about. UsageError with the file's place, also where one names another namespace."""
        served = await self._source.served()
        for document in documents:
            if namespace and document.namespace not in ("", namespace):
                raise UsageError(f"{document.origin}: is of namespace {document.namespace}, and -n says {namespace}; leave one of them out")
        return [served.target_of(document, namespace or self._source.namespace) for document in documents]

    # -- before anything is done ----------------------------------------------------------------------------------

    async def propose(self, calls: Sequence[Call], policy: Policy) -> Proposal:
        """What these calls would do, rehearsed by the API server and judged by policy. UsageError for calls that make no sense."""
        items: list[Proposed] = []
        number = 0
        for call in calls:
            item = await self._propose(call, policy, number)
            items.append(item)
            number += len(item.plan.steps)
        return Proposal(self.cluster, self.person, tuple(items))

    async def propose_undo(self, run: Run, policy: Policy) -> Proposal:
        """What taking back a run would do: all that was stored, in reverse. Blocked where somebody has changed it since."""
        taken_back = {
            record.stage.undoes
            for record in run.stages
            if isinstance(record.stage, Act) and record.stage.undoes is not None and record.stored is not None
        }
        items: list[Proposed] = []
        touched: set[Target] = set()
        for record in reversed(run.stages):
            stage = record.stage
            if not isinstance(stage, Act) or stage.undoes is not None or record.stored is None or record.number in taken_back:
                continue
            step = _undo(record)
            if step is not None:
                step = msgspec.structs.replace(step, call=msgspec.structs.replace(step.call, is_repair=True))
                # What an earlier of these steps changes looks different only until then.
                plan = await self._plan_of_undo(run, step, is_first=step.change.target not in touched)
                items.append(await self._rehearsed(plan, policy, sum(len(item.plan.steps) for item in items)))
                touched.update(filter(None, (step.change.target,)))
        return Proposal(self.cluster, self.person, tuple(items), undoes=run.id)

    async def _plan_of_undo(self, run: Run, step: Step, *, is_first: bool) -> Plan:
        is_final = isinstance(step.change, Delete | Evict | Execute)
        undo = step.undo or ("" if is_final else f"what run {run.id} did is done again")
        no_undo = "" if undo else step.no_undo or "what is deleted is gone"
        plan = Plan(step.call, step.title, (step,), class_=step.class_, blast=BlastRadius(workloads=1), undo=undo, no_undo=no_undo)
        if not is_first or isinstance(step.change, Wait | Execute):
            return plan
        try:
            stands = form.standing(step.change, await self._live(step.change))
        except Unseen as unseen:
            return msgspec.structs.replace(plan, unknowns=(str(unseen.gap),))
        if stands.stand is Stand.OPEN:
            return plan
        if stands.stand is Stand.DONE:
            return msgspec.structs.replace(plan, steps=(), already=stands.detail or "it is so already")
        return msgspec.structs.replace(plan, steps=(), blocked=f"it was changed since run {run.id}: {stands.detail}")

    async def _propose(self, call: Call, policy: Policy, number: int) -> Proposed:
        action = catalog.find_action(call.uses).module
        facts = await self._source.facts(self.cluster, _both(action.needs(call), needs_of_fighters(call)))
        try:
            plan = action.plan(call, facts)
        except Unseen as unseen:
            raise UsageError(f"cannot plan {call.uses}: {unseen.gap}") from unseen
        if plan.steps:
            owners = await self._source.facts(self.cluster, needs_of_owners(plan, facts))
            plan = msgspec.structs.replace(plan, fighters=(*plan.fighters, *fighters(plan, facts, owners)))
        return await self._rehearsed(plan, policy, number)

    async def _rehearsed(self, plan: Plan, policy: Policy, number: int) -> Proposed:
        diffs = [await self._diff(step) for step in plan.steps]
        digests = tuple(
            digest(number + index, step, diff.besides) for index, (step, diff) in enumerate(zip(plan.steps, diffs, strict=True))
        )
        return Proposed(plan, tuple(diffs), digests, await policy(plan, tuple(diffs)))

    async def _diff(self, step: Step) -> Diff:
        """What the dry run of one step shows; unknown where it cannot be rehearsed, with the reason."""
        if isinstance(step.change, Execute):
            return Diff(unknown="it is a foreign command: what it changes cannot be told beforehand")
        if isinstance(step.change, Wait):
            return Diff()
        for _ in range(_LOOKS):
            try:
                live = await self._live(step.change)
            except Unseen as unseen:
                return Diff(unknown=str(unseen.gap))
            stands = form.standing(step.change, live)
            if stands.stand is not Stand.OPEN:
                # An earlier step of the same plan has to come first.
                return Diff(unknown=f"it depends on what comes before it: {stands.detail}" if stands.detail else "")
            response = await self._writer.rehearse(form.request(step.change, live))
            if not _has_moved(step.change, response):
                return _diff(step.change, live, response)
        return Diff(unknown=_RESTLESS)

    def run(self, proposal: Proposal, run_id: str, at: datetime, *, why: str = "", hold: timedelta | None = None, title: str = "") -> Run:
        """The run that carries out a proposal; with `hold` it takes everything back after so long."""
        stages: list[Stage] = []
        approved: list[str] = []
        for number, item in enumerate(proposal.items):
            for step, its_digest in zip(item.plan.steps, item.digests, strict=True):
                stages.append(Act(step, call=number, people=item.ruling.people))
                approved.append(its_digest)
        if hold is not None:
            done = [stage for stage in stages if isinstance(stage, Act)]
            stages.append(Pause(hold, f"undo after {duration(hold)}"))
            for number in reversed(range(len(done))):
                stages.append(Act(done[number].step, call=done[number].call, undoes=number, people=done[number].people))
                approved.append(digest_of_undo(len(stages) - 1, approved[number]))
        return Run(
            id=run_id,
            cluster=self.cluster.uid,
            cluster_name=self.cluster.name,
            title=title or "; ".join(item.plan.title for item in proposal.items if item.plan.steps),
            state=RunState.READY,
            actor=self.person,
            created_at=at,
            stages=tuple(StageRecord(number, stage) for number, stage in enumerate(stages)),
            approvals=tuple(Approval(one, self.person, at, why) for one in approved),
            why=why,
            undoes=proposal.undoes,
            context=self.cluster.name,
        )

    # -- while a run is carried out (`engine/runs.py` calls these, in this order) -----------------------------------

    async def prepare(self, run: Run, record: StageRecord) -> Prepared:
        """What would be sent now, on the world as it is now, and the digest that must have been approved."""
        step = _step(run, record)
        if step is None:
            return Already("there is nothing to take back")
        change = step.change
        if isinstance(change, Wait | Execute):
            return Ready(_digest(run, record, step, Diff()), people=_people(record), question=step.title)
        for _ in range(_LOOKS):
            try:
                live = await self._live(change)
            except Unseen as unseen:
                return Refused(str(unseen.gap), is_final=False)
            stands = form.standing(change, live)
            if stands.stand is Stand.DONE:
                return Already(stands.detail or "it is so already")
            if stands.stand is not Stand.OPEN:
                return Changed(stands.detail)
            request = form.request(change, live)
            response = await self._writer.rehearse(request)
            if not response.is_success:
                refused = answer.outcome(change, response, record.due_at or run.created_at)
                if refused.status is Status.DONE:
                    return Already(refused.detail)
                if _has_moved(change, response):
                    continue
                return Refused(refused.detail, is_final=refused.status is Status.FAILED and not refused.is_retryable)
            diff = _diff(change, live, response)
            generation = await self._generation(change, live)
            return Ready(
                _digest(run, record, step, diff),
                request=request,
                generation=generation,
                resource_version=live.resource_version if live is not None else "",
                people=_people(record),
                question=step.title,
                diff=diff,
            )
        return Refused(_RESTLESS, is_final=False)

    async def send(self, run: Run, record: StageRecord, ready: Ready, at: datetime) -> Outcome:
        """The one request of this attempt: exactly the bytes of its intent."""
        step = _step(run, record)
        assert step is not None
        if isinstance(step.change, Execute):
            return await self._runner.run(step.change.argv)
        if ready.request is None:
            return Outcome(Status.DONE, at)
        return answer.outcome(step.change, await self._writer.send(ready.request), at)

    async def settle(self, run: Run, record: StageRecord, attempt: Attempt) -> Settled:
        """What the world says of a started step without outcome. What it does not prove is put to a person."""
        step = _step(run, record)
        if step is None:
            return Settled(Settlement.DONE)
        change = step.change
        if isinstance(change, Wait):
            return Settled(Settlement.NOT_EXECUTED)
        if isinstance(change, Execute):
            return Settled(Settlement.ASK, f"`{change}` was started and nobody saw its end")
        try:
            live = await self._live(change)
        except Unseen as unseen:
            return Settled(Settlement.LATER, str(unseen.gap))
        stands = form.standing(change, live)
        if stands.stand is Stand.DONE:
            return Settled(Settlement.DONE, "found as wanted")
        if stands.stand is Stand.OPEN:
            if not isinstance(change, Patch | Apply) or live is None or live.resource_version == attempt.resource_version:
                # A new attempt on the same state makes the old one stale: only one of them can be stored.
                return Settled(Settlement.NOT_EXECUTED, "the old values stand")
            generation = await self._generation(change, live)
            if generation is not None and generation == attempt.generation:
                return Settled(Settlement.NOT_EXECUTED, "nobody has changed its spec since")
            return Settled(
                Settlement.ASK, f"{change.target.main} has its old values, but it was changed meanwhile: perhaps done and reverted"
            )
        return Settled(Settlement.ASK, stands.detail)

    async def verify(self, run: Run, record: StageRecord, outcome: Outcome) -> Verification:
        """One look at whether the step has come about."""
        step = _step(run, record)
        if step is None:
            return Verification(Seen.DONE)
        action = catalog.find_action(step.call.uses).module
        facts = await self._source.facts(self.cluster, action.watch(step))
        try:
            seen = action.verify(step, outcome, facts)
            if seen.seen is Seen.FAILED and isinstance(step.change, Patch | Apply):
                by = reverted(step.change, await self._live(step.change))
                return msgspec.structs.replace(seen, detail=by or seen.detail)
        except Unseen as unseen:
            return Verification(Seen.UNKNOWN, f"cannot look: {unseen.gap}")
        return seen

    async def _live(self, change: Change) -> Live | None:
        """The object that a change is about, as it is now. Raises Unseen."""
        assert change.target is not None
        facts = await self._source.facts(self.cluster, Needs(objects=(change.target,)))
        return facts.live(change.target)

    async def _generation(self, change: Change, live: Live | None) -> int | None:
        """The generation of the object itself: its subresources have none. None where there is none, or it cannot be read."""
        assert change.target is not None
        if live is None or not change.target.subresource:
            return live.generation if live is not None else None
        facts = await self._source.facts(self.cluster, Needs(objects=(change.target.main,)))
        try:
            found = facts.live(change.target.main)
        except Unseen:
            return None
        # Read one after the other: only of one and the same state do both speak.
        return found.generation if found is not None and found.resource_version == live.resource_version else None


def _step(run: Run, record: StageRecord) -> Step | None:
    """What a stage does; for a stage that takes another back, told by how that one ended. None when there is nothing to take back."""
    stage = record.stage
    assert isinstance(stage, Act)
    if stage.undoes is None:
        return stage.step
    return _undo(run.stages[stage.undoes])


def _people(record: StageRecord) -> int:
    assert isinstance(record.stage, Act)
    return record.stage.people


def _undo(record: StageRecord) -> Step | None:
    assert isinstance(record.stage, Act)
    done = next(
        (each.outcome for each in reversed(record.attempts) if each.outcome is not None and each.outcome.status is Status.DONE), None
    )
    if done is None:
        return None
    step = record.stage.step
    return catalog.find_action(step.call.uses).module.undo(step, done)


def _digest(run: Run, record: StageRecord, step: Step, diff: Diff) -> str:
    assert isinstance(record.stage, Act)
    if record.stage.undoes is None:
        return digest(record.number, step, diff.besides)
    original = run.stages[record.stage.undoes]
    return digest_of_undo(record.number, original.attempts[-1].digest)


def _has_moved(change: Change, response: Response) -> bool:
    """Whether a refusal only says that the object was written between looking and rehearsing: controllers do that all the time."""
    if response.status not in (409, 422):
        return False
    return answer.outcome(change, response, EARLIEST).is_retryable


def _diff(change: Change, live: Live | None, response: Response) -> Diff:
    """What a rehearsal says. A refusal leaves the diff unknown: what was not shown is not nothing."""
    if not response.is_success:
        return Diff(unknown=answer.told(response))
    try:
        after: Object = msgspec.json.decode(response.body, type=Object)
    except msgspec.DecodeError as error:
        return Diff(unknown=f"the dry run's answer cannot be read: {error}")
    found: Diff = differences(change, live, after)
    return msgspec.structs.replace(found, warnings=response.warnings)


def _both(one: Needs, other: Needs) -> Needs:
    return Needs(
        objects=tuple(dict.fromkeys((*one.objects, *other.objects))),
        lists=tuple(dict.fromkeys((*one.lists, *other.lists))),
        kinds=tuple(dict.fromkeys((*one.kinds, *other.kinds))),
        namespaces=tuple(dict.fromkeys((*one.namespaces, *other.namespaces))),
    )
