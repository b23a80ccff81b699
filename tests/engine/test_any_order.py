"""Whatever people, crashes, takeovers, late requests and clocks do, in any order: nothing unasked, nothing twice, nothing forgotten."""

import asyncio
import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import _GeneratorContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, Literal, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, text

from daytwo.engine.hands import Hands, Ready
from daytwo.engine.runs import Clock, Pace, Worker
from daytwo.ledger.brakes import put_on, read_brakes, take_off
from daytwo.ledger.database import Ledger, Transaction, open_ledger
from daytwo.ledger.proof import prove
from daytwo.ledger.runs import create_run, find_run, list_runs
from daytwo.ledger.signals import give_approval, send_signal
from daytwo.model.brakes import Brakes
from daytwo.model.errors import UsageError
from daytwo.model.outcome import Outcome, Status
from daytwo.model.person import Person
from daytwo.model.run import Act, Command, Reply, Run, RunState, Stage, StageRecord, StepState, WaitKind
from tests.engine.history import check_history
from tests.engine.world import ANNA, BEN, Effect, World, WorldHands, pause, run_of, step

T = TypeVar("T")

PACE = Pace(
    lease=timedelta(seconds=600),
    poll=timedelta(seconds=0.01),
    first_look=timedelta(seconds=0.001),
    longest_look=timedelta(seconds=0.01),
    shortest_pause=timedelta(seconds=0.001),
)
DEADLINE = timedelta(seconds=0.05)
OBJECTS = ("web", "db")


class Killed(BaseException):
    """The worker is gone, as after kill -9."""


@dataclass
class Trouble:
    """At its `at`-th point (a write to the ledger, a request), before or after it, a worker dies or is overtaken."""

    at: int
    does: Callable[[], None]
    count: int = 0

    def reach(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.does()


def die() -> None:
    raise Killed


class TroubledLedger(Ledger):
    """A ledger at which each write is two points."""

    def __init__(self, inner: Ledger, trouble: Trouble) -> None:
        self.inner = inner
        self.place = inner.place
        self.trouble = trouble

    def transact(self, work: Callable[[Transaction], T]) -> T:
        self.trouble.reach()
        result = self.inner.transact(work)
        self.trouble.reach()
        return result

    def read(self) -> _GeneratorContextManager[Connection]:
        return self.inner.read()


class TroubledHands(WorldHands):
    """Hands whose requests may be lost, come late, or lose their answer; and which look, for each effect, whether it was allowed."""

    def __init__(self, machine: "AnyOrder", trouble: Trouble) -> None:
        super().__init__(machine.world)
        self.machine = machine
        self.trouble = trouble

    async def send(self, run: Run, record: StageRecord, ready: Ready, at: datetime) -> Outcome:
        assert ready.request is not None
        self.trouble.reach()
        self.machine.is_allowed(run, record)
        attempt = record.attempts[-1]
        effect = Effect(run.id, record.number, attempt.number, attempt.token, "", 0)
        way = self.machine.ways.pop(0) if self.machine.ways else "through"
        if way == "late":
            self.machine.late.append((ready.request.body, effect))
            return Outcome(Status.UNKNOWN, at, "no answer")
        if way == "lost":
            return Outcome(Status.UNKNOWN, at, "no answer")
        is_stored = self.world.change(ready.request.body, effect)
        self.trouble.reach()
        if way == "unanswered":
            return Outcome(Status.UNKNOWN, at, "no answer")
        return Outcome(Status.DONE, at) if is_stored else Outcome(Status.FAILED, at, "it changed meanwhile", is_retryable=True)


@dataclass(frozen=True)
class Planned:
    """What a run is to be."""

    name: Literal["web", "db"]
    is_approved: bool
    needs_two: bool
    undoes: bool
    holds: bool
    does_both: bool

    def run(self, id: str, world: World) -> Run:
        value = world.read(self.name)[0]
        acts = [
            Act(step(self.name, value, value + 1, deadline=DEADLINE, on_failure_undo=self.undoes), people=2 if self.needs_two else 1),
            Act(step(self.name, value + 1, value + 2, deadline=DEADLINE)),
        ]
        if self.does_both:
            other = next(each for each in OBJECTS if each != self.name)
            there = world.read(other)[0]
            acts.append(Act(step(other, there, there + 1, deadline=DEADLINE), call=1))
        stages: list[Stage] = [*acts]
        if self.holds:
            stages.append(pause(0.001))
            stages += [Act(act.step, call=act.call, undoes=number) for number, act in reversed(list(enumerate(acts)))]
        approvers = (ANNA, BEN) if self.is_approved else ()
        return run_of(id, *stages, approvers=approvers)


class AnyOrder(RuleBasedStateMachine):
    """Two objects, a few runs on them, and everything that can go wrong."""

    template: ClassVar[Callable[[Path], str]]

    @initialize(plans=st.lists(st.builds(Planned), min_size=1, max_size=3))
    def begin(self, plans: list[Planned]) -> None:
        """Runs of two or three steps each from where the object stands, perhaps taken back after a while."""
        self.folder = Path(tempfile.mkdtemp(prefix="any-order-"))
        os.environ["XDG_STATE_HOME"] = str(self.folder)
        self.ledger = open_ledger(type(self).template(self.folder))
        self.world = World(self.folder / "world.db")
        self.ways: list[str] = []
        self.late: list[tuple[str, Effect]] = []
        self.repeats: Counter[tuple[str, int]] = Counter()
        self.workers = 0
        self.process_clock = 0.0
        self.runs = 0
        for planned in plans:
            self.start(planned)

    def teardown(self) -> None:
        if not hasattr(self, "ledger"):
            return
        try:
            self.everything_comes_to_an_end()
        finally:
            self.ledger.close()
            shutil.rmtree(self.folder)

    # -- what may happen ----------------------------------------------------------------------------------------------

    @precondition(lambda self: self.runs < 4)
    @rule(planned=st.builds(Planned))
    def start(self, planned: Planned) -> None:
        self.runs += 1
        create_run(self.ledger, planned.run(f"r{self.runs}", self.world))

    @rule(at=st.integers(1, 24), way=st.sampled_from(("through", "through", "late", "lost", "unanswered")))
    def work_and_die(self, at: int, way: str) -> None:
        """A worker dies, perhaps after a request that came to nothing; after its lease others take over."""
        self.ways = [way]
        self.work(Trouble(at, die))
        self.ledger.transact(_end_leases)

    @rule(at=st.integers(1, 24), way=st.sampled_from(("through", "through", "late", "lost", "unanswered")))
    def work_and_be_overtaken(self, at: int, way: str) -> None:
        """Another worker takes over while the first one is stopped; then that goes on where it was."""
        self.ways = [way]
        self.work(Trouble(at, self.overtake))

    @rule(
        what=st.sampled_from(("change", "change", "deliver", "deliver", "brakes on", "brakes off", "brakes off", "clock")),
        name=st.sampled_from(OBJECTS),
        value=st.integers(0, 3),
        clock=st.floats(-1e9, 1e9),
    )
    def something_happens(self, what: str, name: str, value: int, clock: float) -> None:
        """Somebody else changes an object, a late request arrives, the brakes go on or off, the clock jumps."""
        if what == "change":
            self.world.set(name, value)
        elif what == "deliver" and self.late:
            body, effect = self.late.pop(0)
            self.world.change(body, effect)
        elif what == "brakes on":
            put_on(self.ledger.place, Brakes("stop", "ben"), lambda: nullcontext(self.ledger))
        elif what == "brakes off":
            take_off(self.ledger.place, "ben", lambda: nullcontext(self.ledger))
        else:
            self.process_clock = clock

    @rule(
        number=st.integers(1, 4),
        person=st.sampled_from((ANNA, BEN)),
        approves_this=st.sampled_from((True, True, False)),
        reply=st.sampled_from(Reply),
        command=st.sampled_from((None, None, None, Command.PAUSE, Command.RESUME, Command.RESUME, Command.CANCEL, Command.REJECT)),
    )
    def somebody_says(self, number: int, person: Person, approves_this: bool, reply: Reply, command: Command | None) -> None:
        """A command, or else what a run waits for: an approval, of this or of something else, or an answer."""
        if number > self.runs:
            return
        id, waiting = f"r{number}", find_run(self.ledger, f"r{number}").waiting
        with suppress(UsageError):
            if command is not None:
                send_signal(self.ledger, id, command, person)
            elif waiting is not None and waiting.kind is WaitKind.APPROVAL:
                give_approval(self.ledger, id, waiting.digest if approves_this else "yesterday's", person)
            elif waiting is not None and waiting.kind is WaitKind.ANSWER:
                send_signal(self.ledger, id, Command.ANSWER, person, reply=reply)
                if reply is Reply.REPEAT:
                    self.repeats[id, waiting.stage] += 1

    # -- what must hold -------------------------------------------------------------------------------------------------

    def is_allowed(self, run: Run, record: StageRecord) -> None:
        """Before each request: its intent is in the ledger, without an outcome, and enough people have approved exactly that."""
        stored = find_run(self.ledger, run.id).stages[record.number].attempts[record.attempts[-1].number - 1]
        assert stored.digest == record.attempts[-1].digest
        assert stored.request is not None
        approvers = {given.person.name for given in find_run(self.ledger, run.id).approvals if given.digest == stored.digest}
        assert isinstance(record.stage, Act)
        assert len(approvers) >= max(1, record.stage.people)
        assert read_brakes(self.ledger) is None

    @invariant()
    def no_step_is_done_twice(self) -> None:
        """Unless a person said so, for each time."""
        if not hasattr(self, "world"):
            return
        counted = Counter((effect.run, effect.stage) for effect in self.world.effects())
        for key, count in counted.items():
            assert count <= 1 + self.repeats[key], key

    @invariant()
    def history_is_what_the_rows_say(self) -> None:
        if hasattr(self, "ledger"):
            check_history(self.ledger)

    def everything_comes_to_an_end(self) -> None:
        """Once people answer and the world is well, each run is over, knows the outcome of each attempt, and holds nothing."""
        take_off(self.ledger.place, "ben", lambda: nullcontext(self.ledger))
        self.ways.clear()
        for body, effect in self.late:
            self.world.change(body, effect)
        for _ in range(60):
            self.ledger.transact(_end_leases)
            self.work(Trouble(0, die))
            open_runs = [run for run in list_runs(self.ledger) if not run.state.is_over]
            if not open_runs:
                break
            for run in open_runs:
                self.help(run)
        runs = list_runs(self.ledger)
        assert [run for run in runs if not run.state.is_over] == []
        for run in runs:
            assert all(attempt.outcome for record in run.stages for attempt in record.attempts) or run.state is not RunState.DONE
            if run.state is RunState.DONE:
                assert {record.state for record in run.stages} <= {StepState.DONE, StepState.SKIPPED, StepState.UNKNOWN}
            assert not {record.state for record in run.stages} & {StepState.PENDING, StepState.STARTED}
        self.no_step_is_done_twice()
        check_history(self.ledger)
        with self.ledger.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM lock")).scalar_one() == 0
        assert prove(self.ledger).fault is None

    def help(self, run: Run) -> None:
        if run.state is RunState.PAUSED:
            send_signal(self.ledger, run.id, Command.RESUME, ANNA)
        elif run.waiting is not None and run.waiting.kind is WaitKind.ANSWER:
            send_signal(self.ledger, run.id, Command.ANSWER, ANNA, reply=Reply.SKIP)
        elif run.waiting is not None and run.waiting.kind is WaitKind.APPROVAL:
            for person in (ANNA, BEN):
                with suppress(UsageError):
                    give_approval(self.ledger, run.id, run.waiting.digest, person)

    # -- workers --------------------------------------------------------------------------------------------------------

    def work(self, trouble: Trouble) -> None:
        """A worker does all that is due, or as much as it lives for."""
        self.workers += 1
        hands = TroubledHands(self, trouble)

        async def hands_for(run: Run) -> Hands:
            return hands

        clock = Clock(lambda: self.process_clock, _sleep)
        worker = Worker(TroubledLedger(self.ledger, trouble), hands_for, f"w{self.workers}", clock, pace=PACE)
        try:
            asyncio.run(worker.work(at_once=1, until_idle=True))
        except BaseExceptionGroup as group:
            if group.subgroup(Killed) is None or group.split(Killed)[1] is not None:
                raise
        except Killed:
            return
        finally:
            worker.close()

    def overtake(self) -> None:
        """In another thread: the one that is stopped may hold an event loop."""
        faults: list[BaseException] = []

        def other() -> None:
            try:
                self.ledger.transact(_end_leases)
                self.work(Trouble(0, die))
            except BaseException as fault:  # noqa: BLE001 - told to the test
                faults.append(fault)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        if faults:
            raise faults[0]


def _end_leases(transaction: Transaction) -> None:
    transaction.connection.execute(text("UPDATE run SET wake_at = 1 WHERE state = 'running'"))


async def _sleep(seconds: float) -> None:
    # Leases are long here; they end when the test says so.
    await asyncio.sleep(seconds if seconds > 1 else min(seconds, 0.002))


FEW = settings(
    max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, database=None
)


@pytest.fixture(scope="module")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger: making one takes longer than most examples."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    open_ledger(path).close()
    return path


@pytest.fixture
def state_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The examples set it to folders of their own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def run_machine(machine: type[AnyOrder], template: Callable[[Path], str], examples: settings) -> None:
    machine.template = staticmethod(template)
    run_state_machine_as_test(machine, settings=examples)


def _copied(template: Path) -> Callable[[Path], str]:
    return lambda folder: str(shutil.copy(template, folder / "ledger.db"))


@pytest.mark.usefixtures("state_home")
def test_in_any_order(sqlite_template: Path) -> None:
    """No sequence of commands, crashes and takeovers makes a call without an intent and an approval, or makes one twice."""
    run_machine(AnyOrder, _copied(sqlite_template), FEW)


@pytest.mark.deep
@pytest.mark.usefixtures("state_home")
def test_in_very_many_orders(sqlite_template: Path) -> None:
    """The same, for long."""
    run_machine(AnyOrder, _copied(sqlite_template), settings(FEW, max_examples=500, stateful_step_count=50))
