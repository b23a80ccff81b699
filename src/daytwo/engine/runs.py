"""The durable engine: drives runs step by step through whoever has hands in the world, and survives its own death at any point.

It knows the ledger and the clock of its database, and nothing of clusters. Order of a step: locks, what the world says, approvals,
intent committed under a lease that is ours, brakes, send, outcome, verification. Whoever takes a run over goes on from its rows.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final, TypeVar

import msgspec

from daytwo.engine.hands import Already, Changed, Hands, Ready, Refused, Settlement
from daytwo.ledger import leases, replay, signals
from daytwo.ledger.brakes import read_brakes
from daytwo.ledger.database import Ledger, Transaction
from daytwo.ledger.leases import NO_LIMITS, Claimed, Hold, Limits
from daytwo.ledger.run_writing import LOCK_LOOK, Fenced, Lease, RunWriting, follow
from daytwo.ledger.runs import create_run, find_run
from daytwo.ledger.unavailable import LedgerUnavailable
from daytwo.model.brakes import Brakes
from daytwo.model.change import Execute, Wait
from daytwo.model.digest import digest_of_undo
from daytwo.model.errors import UsageError
from daytwo.model.moment import duration
from daytwo.model.outcome import Outcome, Seen, Status
from daytwo.model.run import Act, Attempt, Pause, Run, RunState, Stage, StageRecord, StepState, Waiting, WaitKind

T = TypeVar("T")

POLL: Final = timedelta(seconds=0.5)
"""How often a worker looks for runs that are due."""

_FIRST_LOOK: Final = timedelta(seconds=0.2)
_LONGEST_LOOK: Final = timedelta(seconds=5)
_SHORTEST_PAUSE: Final = timedelta(seconds=1)
_LONGEST_PAUSE: Final = timedelta(seconds=15)
_AWAY: Final = timedelta(seconds=1)
_UNREACHABLE: Final = timedelta(seconds=15)
_THREADS: Final = 4

_LEAVING: Final = frozenset({replay.FINISHED, replay.PAUSED})

UNFINISHED: Final = (StepState.PENDING, StepState.STARTED, StepState.APPLIED)


@dataclass(frozen=True, slots=True)
class News:
    """Something about a run that a person who waits may want to see. `stage` numbers the stage that it is about."""

    run: Run
    text: str
    stage: int | None = None


OnNews = Callable[[News], None]
OnFault = Callable[[Exception], None]
HandsFor = Callable[[Run], Awaitable[Hands]]
"""Opens the cluster of a run. Raises UsageError when it cannot be reached from here."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The process's own: how it waits, and how long it has waited. What is durable goes by the database's clock instead."""

    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """`lease`: after a crash another worker takes over within this time. `poll`: how often runs that are due are looked for."""

    lease: timedelta = timedelta(seconds=15)
    poll: timedelta = POLL
    first_look: timedelta = _FIRST_LOOK
    longest_look: timedelta = _LONGEST_LOOK
    shortest_pause: timedelta = _SHORTEST_PAUSE


class _Next(Enum):
    """What to do with a run after something was done with it."""

    GO_ON = auto()
    LEAVE = auto()


@dataclass(slots=True)
class _Held:
    """A run that this worker has."""

    run: Run
    lease: Lease
    renewed_at: float
    on_news: OnNews
    is_lost: bool = False
    said: dict[int, str] = field(default_factory=dict)
    opened: Hands | None = None

    @property
    def hands(self) -> Hands:
        assert self.opened is not None
        return self.opened

    def tell(self, text: str, stage: int | None = None) -> None:
        if stage is None or self.said.get(stage) != text:
            self.on_news(News(self.run, text, stage))
        if stage is not None:
            self.said[stage] = text


class Worker:
    """Works on runs. `owner` must be of this process alone.

    Steps whose content is withheld from the ledger are kept here, for runs that `start` was given; nobody else can carry them out.
    Without `on_fault`, a fault of daytwo's own is raised, after the run was made to ask a person about it.
    """

    def __init__(
        self,
        ledger: Ledger,
        hands_for: HandsFor,
        owner: str,
        clock: Clock,
        *,
        pace: Pace = Pace(),
        limits: Limits = NO_LIMITS,
        on_fault: OnFault | None = None,
    ) -> None:
        self.owner = owner
        self._ledger = ledger
        self._hands_for = hands_for
        self._clock = clock
        self._pace = pace
        self._limits = limits
        self._on_fault = on_fault
        self._held: dict[str, _Held] = {}
        self._withheld: dict[tuple[str, int], Stage] = {}
        self._is_stopping = False
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ledger")
        # Leases are renewed whatever the others wait for.
        self._heart = ThreadPoolExecutor(1, thread_name_prefix="lease")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._heart.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Runs in hand are given back before their next step, for any worker to take; then `work` and `work_on` return."""
        self._is_stopping = True

    async def start(self, new: Run) -> Run:
        """Stores a new run; `work_on` it then. What is secret in its steps stays in this process."""
        created = await self._call(create_run, self._ledger, new)
        self._withheld.update(((created.id, record.number), record.stage) for record in created.stages if record.is_withheld)
        return created

    # -- taking runs ----------------------------------------------------------------------------------------------------

    async def work_on(self, id: str, on_news: OnNews = lambda news: None, *, stays: bool = True) -> Run:
        """Works on this run alone, through its timers, until it is over or paused; returns it as it stands then.

        With `stays` False also when it waits for a person. Raises LedgerUnavailable when the ledger is away.
        """
        async with self._beating():
            while True:
                claimed = None
                if not self._is_stopping:
                    brakes = await self._call(read_brakes, self._ledger)
                    claimed = await self._call(self._claim, brakes, id)
                if claimed is not None:
                    await self._drive(claimed, on_news)
                    continue
                run = await self._call(find_run, self._ledger, id)
                waits_for_person = run.waiting is not None and run.waiting.kind.is_for_a_person
                is_left = self._is_stopping and run.owner != self.owner
                if run.state.is_over or run.state is RunState.PAUSED or (waits_for_person and not stays) or is_left:
                    return run
                await self._clock.sleep(self._pace.poll.total_seconds())

    async def work(self, on_news: OnNews = lambda news: None, *, at_once: int = 10, until_idle: bool = False) -> None:
        """Works on any runs, `at_once` of them at a time, until `stop`; with `until_idle` until none is due and none in hand.

        A ledger that is away is waited for.
        """
        tasks: set[asyncio.Task[None]] = set()
        async with self._beating(), asyncio.TaskGroup() as group:
            while not (self._is_stopping and not tasks):
                claimed = None
                if not self._is_stopping and len(tasks) < at_once:
                    try:
                        claimed = await self._call(self._next)
                    except LedgerUnavailable:
                        await self._clock.sleep(_AWAY.total_seconds())
                if claimed is not None:
                    task = group.create_task(self._drive_one(claimed, on_news))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                elif until_idle and not tasks:
                    return
                elif tasks:
                    await asyncio.wait(tasks, timeout=self._pace.poll.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
                else:
                    await self._clock.sleep(self._pace.poll.total_seconds())

    def _next(self) -> Claimed | None:
        brakes = read_brakes(self._ledger)
        # Looking takes no lock: a worker without work disturbs nobody.
        if not leases.is_work_due(self._ledger, self._limits, brakes_are_on=brakes is not None):
            return None
        return self._claim(brakes, None)

    def _claim(self, brakes: Brakes | None, only: str | None) -> Claimed | None:
        are_on = brakes is not None
        if not leases.is_work_due(self._ledger, self._limits, only=only, brakes_are_on=are_on):
            return None
        return leases.claim(self._ledger, self.owner, self._pace.lease, self._limits, only=only, brakes_are_on=are_on)

    @asynccontextmanager
    async def _beating(self) -> AsyncIterator[None]:
        beat = asyncio.ensure_future(self._beat())
        try:
            yield
        finally:
            beat.cancel()

    async def _beat(self) -> None:
        """Renews all leases three times within each."""
        loop = asyncio.get_running_loop()
        while True:
            await self._clock.sleep(self._pace.lease.total_seconds() / 3)
            if not self._held:
                continue
            began = self._clock.monotonic()
            asked = dict(self._held)
            mine = [held.lease for held in asked.values()]
            try:
                renewed = await loop.run_in_executor(self._heart, leases.renew, self._ledger, mine)
            except LedgerUnavailable:
                continue
            for held in asked.values():
                if held.lease in renewed:
                    held.renewed_at = began
                else:
                    held.is_lost = True

    # -- driving one run ------------------------------------------------------------------------------------------------

    async def _drive_one(self, claimed: Claimed, on_news: OnNews) -> None:
        """One of many: a ledger that is away leaves the run to whoever takes it over."""
        try:
            await self._drive(claimed, on_news)
        except LedgerUnavailable:
            await self._clock.sleep(_AWAY.total_seconds())

    async def _drive(self, claimed: Claimed, on_news: OnNews) -> None:
        run = self._with_withheld(claimed.run)
        began = self._clock.monotonic()
        held = _Held(run, claimed.lease, began, on_news)
        self._held[run.id] = held
        try:
            await self._drive_held(held)
        except Fenced:
            held.is_lost = True
            held.tell("another worker has this run now")
        except asyncio.CancelledError:
            await _to_its_end(self._give_back(held))
            raise
        finally:
            # A process that slept for longer than its lease may have taken the run over from itself.
            if self._held.get(run.id) is held:
                del self._held[run.id]

    async def _drive_held(self, held: _Held) -> None:
        try:
            held.opened = await self._hands_for(held.run)
        except UsageError as error:
            await self._leave_unreachable(held, str(error))
            return
        while True:
            try:
                if await self._advance(held) is _Next.LEAVE:
                    return
            except (LedgerUnavailable, Fenced):
                raise
            except Exception as fault:
                # Whatever goes wrong while acting, a person must hear of it, and others' runs go on.
                await self._ask_about(held, fault)
                if self._on_fault is None:
                    raise
                self._on_fault(fault)
                return

    async def _ask_about(self, held: _Held, fault: Exception) -> None:
        record = next((each for each in held.run.stages if each.state in UNFINISHED), None)
        question = f"daytwo itself failed here ({type(fault).__name__}: {fault}); nobody knows more than the steps say"
        waiting = Waiting(WaitKind.ANSWER, question, record.number if record is not None else 0)
        await self._change(held, lambda writing: writing.wait(waiting, None))
        held.tell(f"asks: {question}")

    async def _give_back(self, held: _Held) -> None:
        with suppress(Fenced, LedgerUnavailable):
            await self._change(held, lambda writing: writing.release())

    async def _leave_unreachable(self, held: _Held, why: str) -> None:
        def leave(writing: RunWriting) -> None:
            until = writing.transaction.now() + _UNREACHABLE
            writing.wait(Waiting(WaitKind.WORLD, why, until=until), until)

        await self._change(held, leave)
        held.tell(f"waits: {why}")

    def _with_withheld(self, run: Run) -> Run:
        """The run with what the ledger does not hold, as far as this process knows it."""
        stages = tuple(
            msgspec.structs.replace(record, stage=self._withheld.get((run.id, record.number), record.stage)) for record in run.stages
        )
        return msgspec.structs.replace(run, stages=stages)

    def _knows(self, held: _Held, record: StageRecord) -> bool:
        """Whether this process knows what a stage really does, or the stage that it takes back."""
        assert isinstance(record.stage, Act)
        number = record.stage.undoes if record.stage.undoes is not None else record.number
        return not record.is_withheld or (held.run.id, number) in self._withheld

    async def _advance(self, held: _Held) -> _Next:
        """The next thing to be done, at most one step."""
        hold = await self._call(self._look, held)
        run = held.run
        record = next((each for each in run.stages if each.state in UNFINISHED), None)
        is_in_flight = record is not None and record.state is StepState.STARTED and isinstance(record.stage, Act)
        if hold.has_signals and not is_in_flight:
            return await self._obey(held)
        if self._is_stopping and not is_in_flight:
            return await self._change(held, lambda writing: writing.release(), _Next.LEAVE)
        cleanup = cleanup_of(run)
        if cleanup.is_needed:
            return await self._change(held, lambda writing: _clean_up(writing, run, cleanup))
        if record is None:
            state = RunState.FAILED if any(each.state is StepState.FAILED for each in run.stages) else RunState.DONE
            done = await self._change(held, lambda writing: writing.finish(state), _Next.LEAVE)
            held.tell(_told_end(state))
            return done
        if run.deadline_at is not None and hold.now >= run.deadline_at and not is_in_flight and not _has_failed(run):
            return await self._fail(held, record, "the run's deadline passed before this was done")
        if isinstance(record.stage, Pause):
            return await self._pause(held, record, record.stage, hold.now)
        return await self._act(held, record, hold)

    async def _act(self, held: _Held, record: StageRecord, hold: Hold) -> _Next:
        if record.state is StepState.STARTED:
            return await self._settle(held, record, hold)
        if record.state is StepState.APPLIED:
            return await self._verify(held, record)
        return await self._begin(held, record, hold)

    async def _pause(self, held: _Held, record: StageRecord, stage: Pause, now: datetime) -> _Next:
        """A timer: from its first look on it is due at the same time, whatever happens meanwhile."""
        due_at = record.due_at or now + stage.span
        if now >= due_at and record.state is StepState.STARTED:
            return await self._done(held, record)

        def wait(writing: RunWriting) -> None:
            if record.state is StepState.PENDING:
                writing.change_stage(record.number, StepState.STARTED, due_at=due_at)
            writing.wait(Waiting(WaitKind.TIMER, stage.title, record.number, until=due_at), _soonest(held.run, due_at))

        waited = await self._change(held, wait, _Next.LEAVE)
        held.tell(f"waits: {stage.title}", record.number)
        return waited

    # -- one step, from nothing to sent -----------------------------------------------------------------------------------

    async def _begin(self, held: _Held, record: StageRecord, hold: Hold) -> _Next:
        stage = record.stage
        assert isinstance(stage, Act)
        brakes = await self._call(read_brakes, self._ledger)
        if brakes is not None and not isinstance(stage.step.change, Wait):
            return await self._wait(held, _for_brakes(brakes, record), hold.now)
        if not self._knows(held, record):
            question = f"what {stage.step.title} really sends is secret, and only the process that made this run knew it: start it anew"
            return await self._ask(held, record, question)
        is_locked = await self._lock(held, record, hold)
        if is_locked is not None:
            return is_locked
        held.tell(stage.step.title, record.number)
        prepared = await held.hands.prepare(held.run, record)
        if isinstance(prepared, Already):
            # Nothing is sent, and so nothing of ours can be taken back; whether it has come about is still looked at.
            return await self._change(held, lambda writing: writing.change_stage(record.number, StepState.APPLIED, prepared.detail))
        if isinstance(prepared, Changed):
            return await self._ask(held, record, f"it is not what was planned on: {prepared.reason}")
        if isinstance(prepared, Refused):
            if prepared.is_final:
                return await self._fail(held, record, prepared.reason)
            return await self._later(held, record, prepared.reason)
        return await self._intend(held, record, prepared)

    async def _lock(self, held: _Held, record: StageRecord, hold: Hold) -> _Next | None:
        """None when the targets are this run's."""

        def lock(writing: RunWriting) -> tuple[str, str] | None:
            found = writing.lock()
            if found is not None:
                target, other = found
                text = f"run {other} works on {target.partition('/')[2]}"
                writing.wait(Waiting(WaitKind.LOCK, text, record.number, run=other), _soonest(held.run, hold.now + LOCK_LOOK))
            return found

        if any(each.attempts for each in held.run.stages):
            # From the first attempt to the end of the run they are.
            return None
        found = await self._write_as(held, lock)
        if found is None:
            return None
        held.tell(f"waits for run {found[1]}, which works on the same", record.number)
        return _Next.LEAVE

    async def _intend(self, held: _Held, record: StageRecord, ready: Ready) -> _Next:
        """Commits the intent, if exactly this was approved by enough people and nobody has sent anything; then sends."""
        stage = record.stage
        assert isinstance(stage, Act)
        # What changes something is never done without anybody's yes, whatever settings say.
        least = 0 if isinstance(stage.step.change, Wait) else 1
        people = max(least, stage.people if least else 0, ready.people)
        number = len(record.attempts) + 1

        def intend(writing: RunWriting) -> tuple[str, frozenset[str]]:
            if writing.signals():
                return "signals", frozenset()
            approvers = writing.approvers(ready.digest)
            if len(approvers) < people:
                writing.wait(_for_approval(record, ready, approvers, people), held.run.deadline_at)
                if not _has_begun(held.run):
                    # Nothing was done yet: nobody has to wait while somebody thinks.
                    writing.unlock()
                return "approval", approvers
            attempt = Attempt(
                number,
                writing.transaction.now(),
                held.lease.token,
                ready.digest,
                ready.request,
                ready.generation,
                ready.resource_version,
            )
            writing.intend(record, attempt)
            return "", approvers

        outcome, _ = await self._write_as(held, intend)
        if outcome == "signals":
            return _Next.GO_ON
        if outcome == "approval":
            held.tell(f"waits for approval: {ready.question or stage.step.title}", record.number)
            return _Next.LEAVE
        return await _to_its_end(self._send(held, held.run.stages[record.number], ready))

    async def _send(self, held: _Held, record: StageRecord, ready: Ready) -> _Next:
        """Sends, unless the brakes were put on or the lease has run short since the intent."""
        brakes = await self._call(read_brakes, self._ledger)
        hold = await self._call(self._look, held)
        attempt = record.attempts[-1]
        if brakes is not None:
            outcome = Outcome(Status.SKIPPED, hold.now, "not sent: the brakes were put on", is_retryable=True)
            waiting = _for_brakes(brakes, record)

            def give_up(writing: RunWriting) -> None:
                writing.record_outcome(record.number, attempt.number, outcome)
                writing.change_stage(record.number, StepState.PENDING)
                writing.wait(waiting, hold.now)

            return await self._change(held, give_up, _Next.LEAVE)
        if hold.left < self._pace.lease / 2:
            # Whoever is slow here may be stopped any moment: better late than after somebody else.
            hold = await self._call(self._renewed, held)
        outcome = await held.hands.send(held.run, record, ready, hold.now)
        return await self._record(held, record, attempt, outcome)

    async def _record(self, held: _Held, record: StageRecord, attempt: Attempt, outcome: Outcome) -> _Next:
        """Writes down what came of it, even when the run is not ours any more: whoever has it then must know."""

        def record_it(writing: RunWriting) -> None:
            writing.record_outcome(record.number, attempt.number, outcome)
            _after_outcome(writing, record, outcome)

        def record_late(writing: RunWriting) -> None:
            writing.record_outcome(record.number, attempt.number, outcome)

        while True:
            try:
                await self._write_as(held, record_it)
                break
            except Fenced:
                await self._call(self._write_fenced, held.run, record_late)
                raise
            except LedgerUnavailable:
                # The effect is there. Until the lease is over nobody else looks for it.
                if self._clock.monotonic() - held.renewed_at > self._pace.lease.total_seconds():
                    raise
                await self._clock.sleep(min(_AWAY.total_seconds(), self._pace.lease.total_seconds() / 10))
        if outcome.status is Status.FAILED and outcome.is_retryable:
            return await self._later(held, held.run.stages[record.number], outcome.detail)
        return _Next.GO_ON

    # -- one step, from sent to done --------------------------------------------------------------------------------------

    async def _settle(self, held: _Held, record: StageRecord, hold: Hold) -> _Next:
        """A step that was started and whose end nobody saw: the world is asked. What it does not prove, a person is."""
        stage = record.stage
        assert isinstance(stage, Act)
        attempt = record.attempts[-1]
        if attempt.outcome is not None and attempt.outcome.status is not Status.UNKNOWN:
            # It came too late for the worker that sent it, and in time for us.
            known = attempt.outcome
            return await self._change(held, lambda writing: _after_outcome(writing, record, known))
        if isinstance(stage.step.change, Execute):
            command = " ".join(stage.step.change.argv)
            return await self._ask(held, record, f"`{command}` was started and nobody saw its end; look what it did")
        if not self._knows(held, record):
            question = f"{stage.step.title} was sent and nobody saw the answer; what was sent is secret, and not kept"
            return await self._ask(held, record, question)
        settled = await held.hands.settle(held.run, record, attempt)
        if settled.settlement is Settlement.LATER:
            return await self._later(held, record, settled.detail, is_asked_at_the_end=True)
        if settled.settlement is Settlement.ASK:
            return await self._ask(held, record, f"{stage.step.title} was sent and nobody saw the answer: {settled.detail}")
        is_done = settled.settlement is Settlement.DONE
        found = Outcome(Status.DONE if is_done else Status.FAILED, hold.now, settled.detail, is_retryable=not is_done)

        def settle(writing: RunWriting) -> None:
            _after_outcome(writing, record, writing.settle(record.number, attempt.number, found))

        return await self._change(held, settle)

    async def _verify(self, held: _Held, record: StageRecord) -> _Next:
        """Looks until what was wanted has come about. Progress restarts the step's deadline."""
        stage = record.stage
        assert isinstance(stage, Act)
        outcome = record.stored or Outcome(Status.DONE, held.run.created_at, record.detail)
        pause, mark, since = self._pace.first_look, "", None
        while True:
            seen = await held.hands.verify(held.run, record, outcome)
            hold = await self._call(self._look, held)
            if seen.detail:
                held.tell(seen.detail, record.number)
            if seen.seen is Seen.DONE:
                return await self._done(held, record, seen.detail)
            if seen.seen is Seen.FAILED:
                return await self._fail(held, record, seen.detail)
            if since is None or seen.mark != mark:
                mark, since = seen.mark, hold.now
            if hold.now - since >= stage.step.deadline:
                told = f"no progress for {duration(stage.step.deadline)}: {seen.detail}"
                return await (self._fail(held, record, told) if seen.seen is Seen.NOT_YET else self._ask(held, record, told))
            is_late = held.run.deadline_at is not None and hold.now >= held.run.deadline_at and not _has_failed(held.run)
            if hold.has_signals or self._is_stopping or is_late:
                return _Next.GO_ON
            await self._clock.sleep(pause.total_seconds())
            pause = min(pause * 1.5, self._pace.longest_look)

    # -- waiting and failing ----------------------------------------------------------------------------------------------

    async def _done(self, held: _Held, record: StageRecord, detail: str = "") -> _Next:
        return await self._change(held, lambda writing: writing.change_stage(record.number, StepState.DONE, detail))

    async def _fail(self, held: _Held, record: StageRecord, why: str) -> _Next:
        held.tell(why, record.number)
        return await self._change(held, lambda writing: writing.change_stage(record.number, StepState.FAILED, why))

    async def _ask(self, held: _Held, record: StageRecord, question: str) -> _Next:
        def ask(writing: RunWriting) -> None:
            writing.wait(Waiting(WaitKind.ANSWER, question, record.number), held.run.deadline_at)
            if not _has_begun(held.run):
                writing.unlock()

        asked = await self._change(held, ask, _Next.LEAVE)
        held.tell(f"asks: {question}", record.number)
        return asked

    async def _wait(self, held: _Held, waiting: Waiting, wake_at: datetime) -> _Next:
        waited = await self._change(held, lambda writing: writing.wait(waiting, _soonest(held.run, wake_at)), _Next.LEAVE)
        held.tell(f"waits: {waiting.text}", waiting.stage)
        return waited

    async def _later(self, held: _Held, record: StageRecord, why: str, *, is_asked_at_the_end: bool = False) -> _Next:
        """Tries again: at once the first time, then ever more seldom until the step's deadline. Costs nothing in between."""
        stage = record.stage
        assert isinstance(stage, Act)
        now = (await self._call(self._look, held)).now
        patience = stage.step.deadline
        if record.due_at is None:
            due_at = now + patience
            return await self._change(held, lambda writing: writing.change_stage(record.number, record.state, why, due_at))
        if now >= record.due_at:
            told = f"{why} (tried for {duration(patience)})"
            return await (self._ask(held, record, told) if is_asked_at_the_end else self._fail(held, record, told))
        waited = patience - (record.due_at - now)
        until = min(now + min(max(waited / 2, self._pace.shortest_pause), _LONGEST_PAUSE), record.due_at)
        return await self._wait(held, Waiting(WaitKind.WORLD, why, record.number, until=until), until)

    async def _obey(self, held: _Held) -> _Next:
        """Does what people have sent, in their order, until one of it ends the work on this run."""

        def obey(writing: RunWriting) -> bool:
            for sent in writing.signals():
                before = len(writing.told)
                signals.act_on(writing, held.run, sent)
                if any(one.kind in _LEAVING for one in writing.told[before:]):
                    return True
            return False

        is_left = await self._write_as(held, obey)
        if is_left:
            held.tell(_told_end(held.run.state))
        return _Next.LEAVE if is_left else _Next.GO_ON

    # -- the ledger -------------------------------------------------------------------------------------------------------

    async def _change(self, held: _Held, work: Callable[[RunWriting], None], then: _Next = _Next.GO_ON) -> _Next:
        await self._write_as(held, work)
        return then

    async def _write_as(self, held: _Held, work: Callable[[RunWriting], T]) -> T:
        """One transaction under the lease; the run in hand follows its events. Raises Fenced."""
        if held.is_lost:
            raise Fenced(f"run {held.run.id} is not ours any more")
        began = self._clock.monotonic()
        found: tuple[T, Run] = await self._call(self._write, held.lease, held.run, work)
        held.run, held.renewed_at = found[1], began
        return found[0]

    def _write(self, lease: Lease, run: Run, work: Callable[[RunWriting], T]) -> tuple[T, Run]:
        def inside(transaction: Transaction) -> tuple[T, Run]:
            writing = RunWriting(transaction, run.id, run.actor.name)
            writing.hold(lease)
            result: T = work(writing)
            return result, follow(run, writing.told)

        return self._ledger.transact(inside)

    def _write_fenced(self, run: Run, work: Callable[[RunWriting], None]) -> None:
        self._ledger.transact(lambda transaction: work(RunWriting(transaction, run.id, run.actor.name)))

    def _look(self, held: _Held) -> Hold:
        if held.is_lost:
            raise Fenced(f"run {held.run.id} is not ours any more")
        return leases.look(self._ledger, held.lease)

    def _renewed(self, held: _Held) -> Hold:
        leases.renew(self._ledger, [held.lease])
        return leases.look(self._ledger, held.lease)

    async def _call(self, work: Callable[..., T], *arguments: object) -> T:
        found: T = await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        return found


async def _to_its_end(work: Coroutine[object, object, T]) -> T:
    """Waits for what must not be broken off, and passes an interruption on afterwards."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


# -- what follows from how a run stands; pure -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cleanup:
    """After a failure: stages that are left out, and stages to be taken back besides those that are so planned."""

    skips: tuple[int, ...] = ()
    undoes: tuple[int, ...] = ()

    @property
    def is_needed(self) -> bool:
        return bool(self.skips or self.undoes)


def cleanup_of(run: Run) -> Cleanup:
    """What a failed step leaves to be done; nothing more once that is written down.

    Whatever was planned to be taken back later is taken back now. Of the failed step's call, so is each step that asks for it.
    """
    failed = next((record for record in run.stages if record.state is StepState.FAILED), None)
    if failed is None:
        return Cleanup()
    taken_back = {record.stage.undoes for record in run.stages if isinstance(record.stage, Act) and record.stage.undoes is not None}
    skips = tuple(
        record.number
        for record in run.stages
        if record.state in (StepState.PENDING, StepState.STARTED) and not _is_kept(run, record) and not _is_in_flight(record)
    )
    call = failed.stage.call if isinstance(failed.stage, Act) else None
    undoes = tuple(
        record.number
        for record in reversed(run.stages)
        if isinstance(record.stage, Act)
        and record.stage.undoes is None
        and record.stage.step.on_failure_undo
        and record.stage.call == call
        and record.stored is not None
        and record.number not in taken_back
    )
    return Cleanup(skips, undoes)


def _is_kept(run: Run, record: StageRecord) -> bool:
    """Whether a stage takes back something that was done."""
    return isinstance(record.stage, Act) and record.stage.undoes is not None and run.stages[record.stage.undoes].stored is not None


def _is_in_flight(record: StageRecord) -> bool:
    return isinstance(record.stage, Act) and record.state is StepState.STARTED


def _clean_up(writing: RunWriting, run: Run, cleanup: Cleanup) -> None:
    for number in cleanup.skips:
        writing.change_stage(number, StepState.SKIPPED, "a step before it failed")
    added: list[StageRecord] = []
    for number in cleanup.undoes:
        original = run.stages[number]
        assert isinstance(original.stage, Act)
        new = len(run.stages) + len(added)
        added.append(StageRecord(new, msgspec.structs.replace(original.stage, undoes=number), is_withheld=original.is_withheld))
    writing.add_stages(run.cluster, added)
    for record in added:
        assert isinstance(record.stage, Act)
        assert record.stage.undoes is not None
        approved = run.stages[record.stage.undoes].attempts[-1].digest
        # Who approved the step approved that it is taken back when a later one fails: the plan says so.
        for given in run.approvals:
            if given.digest == approved:
                writing.approve(digest_of_undo(record.number, approved), given.person, given.why)


def _after_outcome(writing: RunWriting, record: StageRecord, outcome: Outcome) -> None:
    """Where a stage stands after an attempt. One that nobody saw the end of stays started."""
    if outcome.status is Status.DONE:
        writing.change_stage(record.number, StepState.APPLIED, outcome.detail)
    elif outcome.status is not Status.UNKNOWN and outcome.is_retryable:
        writing.change_stage(record.number, StepState.PENDING, outcome.detail, record.due_at)
    elif outcome.status is not Status.UNKNOWN:
        writing.change_stage(record.number, StepState.FAILED, outcome.detail)


def _told_end(state: RunState) -> str:
    return f"the run {'has' if state is RunState.FAILED else 'is'} {state.value}"


def _has_begun(run: Run) -> bool:
    return any(record.attempts for record in run.stages)


def _has_failed(run: Run) -> bool:
    return any(record.state is StepState.FAILED for record in run.stages)


def _soonest(run: Run, wake_at: datetime) -> datetime:
    return min(wake_at, run.deadline_at) if run.deadline_at is not None else wake_at


def _for_brakes(brakes: Brakes, record: StageRecord) -> Waiting:
    who = f" by {brakes.by}" if brakes.by else ""
    return Waiting(WaitKind.BRAKES, f"the brakes were put on{who}: {brakes.why}", record.number)


def _for_approval(record: StageRecord, ready: Ready, approvers: Sequence[str] | frozenset[str], people: int) -> Waiting:
    have = f"{len(approvers)} of {people} people have approved it" if people > 1 else "it needs approval"
    return Waiting(WaitKind.APPROVAL, f"{ready.question}: {have}", record.number, ready.digest)
