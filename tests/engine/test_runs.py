"""Runs are driven step by step, and stand in the ledger as they stand in the world."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from daytwo.engine.hands import Changed, Hands, Prepared, Ready, Refused, Settled, Settlement
from daytwo.engine.runs import Clock, News, Pace, Worker
from daytwo.ledger.brakes import put_on, take_off
from daytwo.ledger.database import Ledger
from daytwo.ledger.events import Wanted
from daytwo.ledger.leases import NO_LIMITS, Limits, _due, claim, is_work_due, look, renew
from daytwo.ledger.run_writing import Fenced, RunWriting
from daytwo.ledger.runs import count_runs, create_run, find_run, holder, last_finished_at, ledger_now, list_runs
from daytwo.ledger.signals import give_approval, send_signal
from daytwo.ledger.tables import run as run_table
from daytwo.ledger.unavailable import LedgerUnavailable
from daytwo.model.brakes import Brakes
from daytwo.model.call import Call
from daytwo.model.change import Execute, FieldChange, Guard, Patch
from daytwo.model.errors import UsageError
from daytwo.model.outcome import Outcome, Seen, Status, Verification
from daytwo.model.run import Act, Attempt, Command, Reply, Run, RunState, StageRecord, StepState, WaitKind
from daytwo.model.step import Step
from daytwo.model.target import built_in
from tests.engine.history import check_history
from tests.engine.world import ANNA, BEN, World, WorldHands, pause, run_of, step, steps
from tests.ledger.test_events import events_of
from tests.servers.polling import until

LEASE = timedelta(seconds=30)
PACE = Pace(
    lease=LEASE,
    poll=timedelta(seconds=0.02),
    first_look=timedelta(seconds=0.01),
    longest_look=timedelta(seconds=0.02),
    shortest_pause=timedelta(seconds=0.01),
)
SOON = timedelta(seconds=0.15)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world.db")


def worker(ledger: Ledger, hands: Hands, owner: str = "w1", *, limits: Limits = NO_LIMITS, pace: Pace = PACE) -> Worker:
    async def hands_for(run: Run) -> Hands:
        return hands

    return Worker(ledger, hands_for, owner, Clock(time.monotonic, asyncio.sleep), pace=pace, limits=limits)


def work(ledger: Ledger, hands: Hands, owner: str = "w1", *, limits: Limits = NO_LIMITS) -> None:
    """Does all that is due, then looks whether the events tell the same as the rows."""
    its = worker(ledger, hands, owner, limits=limits)
    asyncio.run(its.work(until_idle=True))
    its.close()
    check_history(ledger)


def finish(ledger: Ledger, hands: Hands, id: str) -> Run:
    """Works on a run until it is over or waits for a person."""
    its = worker(ledger, hands)
    run = asyncio.run(its.work_on(id, stays=False))
    its.close()
    check_history(ledger)
    return run


def states(run: Run) -> list[str]:
    return [record.state.value for record in run.stages]


def done(world: World) -> list[tuple[str, int, int]]:
    return [(effect.run, effect.stage, effect.value) for effect in world.effects()]


def expire(ledger: Ledger, id: str) -> None:
    """The lease of a run is over, by the database's clock."""
    ledger.transact(lambda tx: tx.connection.execute(text("UPDATE run SET wake_at = 1 WHERE id = :id"), {"id": id}))


class Scripted(WorldHands):
    """Hands for which some answers are given; for all others the world answers."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.prepared: list[Prepared] = []
        self.outcomes: list[Outcome] = []
        self.settled: list[Settled] = []
        self.seen: list[Verification] = []
        self.before_send: Callable[[], object] = lambda: None
        self.after_send: Callable[[], object] = lambda: None

    async def prepare(self, run: Run, record: StageRecord) -> Prepared:
        return self.prepared.pop(0) if self.prepared else await super().prepare(run, record)

    async def send(self, run: Run, record: StageRecord, ready: Ready, at: object) -> Outcome:
        self.before_send()
        outcome = self.outcomes.pop(0) if self.outcomes else await super().send(run, record, ready, run.created_at)
        self.after_send()
        return outcome

    async def settle(self, run: Run, record: StageRecord, attempt: Attempt) -> Settled:
        return self.settled.pop(0) if self.settled else await super().settle(run, record, attempt)

    async def verify(self, run: Run, record: StageRecord, outcome: Outcome) -> Verification:
        if self.seen:
            return self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]
        return await super().verify(run, record, outcome)


class Killed(BaseException):
    """The worker is gone at this point, as after kill -9."""


def die() -> None:
    raise Killed


def die_at(ledger: Ledger, hands: Scripted, where: str, id: str = "r1") -> None:
    """Works until the worker dies before or after it sends; its lease is then over."""
    setattr(hands, where, die)
    with pytest.raises(Killed):
        asyncio.run(worker(ledger, hands, "w0").work_on(id))
    setattr(hands, where, lambda: None)
    expire(ledger, id)


# -- the straight way -----------------------------------------------------------------------------------------------------


def test_steps_are_done_in_their_order(ledger: Ledger, world: World) -> None:
    """Each once, each verified, and the run is over."""
    create_run(ledger, run_of("r1", *steps("web", 3)))
    run = finish(ledger, WorldHands(world), "r1")
    assert run.state is RunState.DONE
    assert states(run) == ["done"] * 3
    assert done(world) == [("r1", 0, 1), ("r1", 1, 2), ("r1", 2, 3)]
    assert find_run(ledger, "r1") == run
    assert [run.id for run in list_runs(ledger)] == ["r1"]


def test_each_write_is_told(ledger: Ledger, world: World) -> None:
    """The history of a run of one step, event by event: intent before outcome."""
    create_run(ledger, run_of("r1", *steps("web", 1)))
    finish(ledger, WorldHands(world), "r1")
    assert [event.kind for event in events_of(ledger, Wanted(about="r1"))] == [
        "run_created",
        "approval_given",
        "run_taken",
        "targets_locked",
        "intent_recorded",
        "stage_started",
        "outcome_recorded",
        "stage_applied",
        "stage_done",
        "run_finished",
        "targets_unlocked",
    ]


def test_what_is_so_already_is_not_sent(ledger: Ledger, world: World) -> None:
    """It is looked at like any other step, and done without an attempt: there is nothing of ours to take back."""
    world.set("web", 1)
    create_run(ledger, run_of("r1", *steps("web", 1)))
    run = finish(ledger, WorldHands(world), "r1")
    assert (run.state, run.stages[0].detail, run.stages[0].attempts) == (RunState.DONE, "1 of 1", ())
    assert done(world) == []


def test_many_runs_at_once(ledger: Ledger, world: World) -> None:
    """One worker, more runs than it takes at a time: each is done once."""
    for number in range(15):
        create_run(ledger, run_of(f"r{number}", *steps(f"web-{number}", 2)))
    work(ledger, WorldHands(world))
    assert {run.state for run in list_runs(ledger)} == {RunState.DONE}
    assert len(done(world)) == len(set(done(world))) == 30


def test_whoever_waits_is_told_what_happens(ledger: Ledger, world: World) -> None:
    """Steps, what verification sees, the end; nothing twice."""
    create_run(ledger, run_of("r1", *steps("web", 1)))
    news: list[News] = []
    asyncio.run(worker(ledger, WorldHands(world)).work_on("r1", news.append))
    assert [one.text for one in news] == ["scale deployment shop/web from 0 to 1", "1 of 1", "the run is done"]


def test_id_is_used_once(ledger: Ledger) -> None:
    """A second run of the same id is refused, and the first stays as it is."""
    create_run(ledger, run_of("r1", *steps("web", 1)))
    with pytest.raises(UsageError, match="there is a run r1 already"):
        create_run(ledger, run_of("r1", *steps("db", 1)))
    assert find_run(ledger, "r1").stages[0].stage == steps("web", 1)[0]


# -- approvals ------------------------------------------------------------------------------------------------------------


def test_nothing_is_sent_without_approval(ledger: Ledger, world: World) -> None:
    """The run waits for exactly the digest of what it would do; a yes to that lets it go on."""
    create_run(ledger, run_of("r1", *steps("web", 1), approvers=()))
    waiting = finish(ledger, WorldHands(world), "r1").waiting
    assert waiting is not None
    assert (waiting.kind, waiting.text) == (WaitKind.APPROVAL, "change web: it needs approval")
    assert done(world) == []
    give_approval(ledger, "r1", "of something else", BEN)
    assert finish(ledger, WorldHands(world), "r1").state is RunState.WAITING
    give_approval(ledger, "r1", waiting.digest, BEN)
    assert finish(ledger, WorldHands(world), "r1").state is RunState.DONE


def test_two_people_are_two_persons(ledger: Ledger, world: World) -> None:
    """Who starts it counts once, and cannot approve it again."""
    create_run(ledger, run_of("r1", Act(step("web", 0, 1), people=2)))
    run = finish(ledger, WorldHands(world), "r1")
    assert run.waiting is not None
    assert run.waiting.text == "change web: 1 of 2 people have approved it"
    with pytest.raises(UsageError, match="anna has approved this step of run r1 before; another person must"):
        give_approval(ledger, "r1", run.waiting.digest, ANNA)
    give_approval(ledger, "r1", run.waiting.digest, BEN)
    assert finish(ledger, WorldHands(world), "r1").state is RunState.DONE


def test_yesterdays_approval_does_not_run_todays_change(ledger: Ledger, world: World) -> None:
    """What is to be done has another digest now: it is asked for again."""
    hands = Scripted(world)
    hands.prepared = [Ready("todays digest", question="change web, and what admission adds")] * 2
    create_run(ledger, run_of("r1", *steps("web", 1)))
    waiting = finish(ledger, hands, "r1").waiting
    assert waiting is not None
    assert (waiting.kind, waiting.digest) == (WaitKind.APPROVAL, "todays digest")
    assert done(world) == []


def test_hands_cannot_ask_for_nobodys_approval(ledger: Ledger, world: World) -> None:
    """What changes something needs at least one yes."""
    hands = Scripted(world)
    hands.prepared = [Ready("of nobody", people=0)]
    create_run(ledger, run_of("r1", *steps("web", 1), approvers=()))
    assert finish(ledger, hands, "r1").state is RunState.WAITING


def test_approval_of_a_changed_step_covers_its_undo(ledger: Ledger, world: World) -> None:
    """Nobody is asked again, half an hour later, whether it may be taken back."""
    create_run(ledger, run_of("r1", Act(step("web", 0, 1)), pause(0.01), Act(step("web", 0, 1), undoes=0), approvers=()))
    waiting = finish(ledger, WorldHands(world), "r1").waiting
    assert waiting is not None
    give_approval(ledger, "r1", waiting.digest, BEN)
    assert finish(ledger, WorldHands(world), "r1").state is RunState.DONE
    assert done(world) == [("r1", 0, 1), ("r1", 2, 0)]


# -- what people send -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "state"), [(Command.CANCEL, RunState.CANCELLED), (Command.REJECT, RunState.REJECTED)])
def test_run_that_nobody_has_is_ended_at_once(ledger: Ledger, world: World, command: Command, state: RunState) -> None:
    """No worker is needed for that, and its targets are free."""
    create_run(ledger, run_of("r1", *steps("web", 1), Act(step("web", 1, 2), people=2)))
    finish(ledger, WorldHands(world), "r1")
    run = send_signal(ledger, "r1", command, BEN, "not today")
    assert (run.state, states(run)) == (state, ["done", "skipped"])
    assert holder(ledger, run.cluster, [steps("web", 1)[0].step.change]) is None
    check_history(ledger)
    with pytest.raises(UsageError, match=f"run r1 is over \\({state.value}\\)"):
        send_signal(ledger, "r1", Command.CANCEL, BEN)


def test_cancel_stops_before_the_next_step(ledger: Ledger, world: World) -> None:
    """What is being sent is finished and recorded; nothing is begun after it."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *steps("web", 3)))
    hands.before_send = lambda: send_signal(ledger, "r1", Command.CANCEL, BEN)
    run = finish(ledger, hands, "r1")
    assert (run.state, states(run)) == (RunState.CANCELLED, ["applied", "skipped", "skipped"])
    assert run.stages[0].stored is not None
    assert done(world) == [("r1", 0, 1)]


def test_cancel_ends_a_verification(ledger: Ledger, world: World) -> None:
    """A rollout that never ends does not keep anybody."""
    hands = Scripted(world)
    hands.seen = [Verification(Seen.NOT_YET, "0 of 1")]
    hands.after_send = lambda: send_signal(ledger, "r1", Command.CANCEL, BEN)
    create_run(ledger, run_of("r1", *steps("web", 1)))
    assert finish(ledger, hands, "r1").state is RunState.CANCELLED


def test_paused_run_goes_on_when_resumed(ledger: Ledger, world: World) -> None:
    """Between two steps, for as long as one likes."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *steps("web", 2)))
    hands.before_send = lambda: send_signal(ledger, "r1", Command.PAUSE, BEN)
    assert finish(ledger, hands, "r1").state is RunState.PAUSED
    hands.before_send = lambda: None
    work(ledger, hands)
    assert len(done(world)) == 1
    assert send_signal(ledger, "r1", Command.RESUME, BEN).state is RunState.READY
    assert finish(ledger, hands, "r1").state is RunState.DONE


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (Command.ANSWER, "run r1 asks nothing now"),
        (Command.RESUME, "run r1 is not paused, it waits for an approval"),
    ],
)
def test_signal_that_makes_no_sense_is_refused(ledger: Ledger, world: World, command: Command, told: str) -> None:
    """Nothing is stored, and the reason says what would make sense."""
    create_run(ledger, run_of("r1", *steps("web", 1), approvers=()))
    before = finish(ledger, WorldHands(world), "r1")
    with pytest.raises(UsageError, match=told):
        send_signal(ledger, "r1", command, BEN, reply=Reply.DONE)
    assert find_run(ledger, "r1") == before


# -- what the world says ----------------------------------------------------------------------------------------------------


def test_what_is_finally_refused_fails(ledger: Ledger, world: World) -> None:
    """The run ends with the reason, and what comes after is left out."""
    hands = Scripted(world)
    hands.prepared = [Refused("spec.replicas: must be at least 0", is_final=True)]
    create_run(ledger, run_of("r1", *steps("web", 2)))
    run = finish(ledger, hands, "r1")
    assert (run.state, states(run)) == (RunState.FAILED, ["failed", "skipped"])
    assert run.stages[0].detail == "spec.replicas: must be at least 0"


def test_what_is_refused_for_now_is_tried_again(ledger: Ledger, world: World) -> None:
    """An eviction that a budget holds back, an API server that is away: later it goes."""
    hands = Scripted(world)
    hands.prepared = [Refused("the budget web allows no eviction now", is_final=False)] * 4
    create_run(ledger, run_of("r1", *steps("web", 1)))
    assert finish(ledger, hands, "r1").state is RunState.DONE
    assert hands.prepared == []


def test_what_is_refused_until_the_steps_deadline_fails(ledger: Ledger, world: World) -> None:
    """Not for ever, and it is told what stood in the way."""
    hands = Scripted(world)
    hands.prepared = [Refused("the budget web allows no eviction now", is_final=False)] * 1000
    create_run(ledger, run_of("r1", Act(step("web", 0, 1, deadline=SOON))))
    run = finish(ledger, hands, "r1")
    assert run.state is RunState.FAILED
    assert run.stages[0].detail.startswith("the budget web allows no eviction now (tried for ")


def test_conflict_is_tried_again_with_a_new_intent(ledger: Ledger, world: World) -> None:
    """Somebody was quicker: nothing was stored, so what stands there now is looked at anew."""
    hands = Scripted(world)
    hands.before_send = lambda: world.set("web", 0) if not done(world) and world.read("web")[1] < 3 else None
    create_run(ledger, run_of("r1", *steps("web", 1)))
    run = finish(ledger, hands, "r1")
    assert run.state is RunState.DONE
    assert [attempt.outcome.status for attempt in run.stages[0].attempts if attempt.outcome] == [Status.FAILED] * 3 + [Status.DONE]


@pytest.mark.parametrize(
    ("reply", "state", "stage", "effects"),
    [
        (Reply.DONE, RunState.DONE, "done", 1),
        (Reply.SKIP, RunState.DONE, "skipped", 1),
        (Reply.FAIL, RunState.FAILED, "failed", 0),
        (Reply.REPEAT, RunState.WAITING, "pending", 0),
    ],
)
def test_what_was_not_planned_on_is_put_to_a_person(
    ledger: Ledger, world: World, reply: Reply, state: RunState, stage: str, effects: int
) -> None:
    """Whose answer is then followed."""
    world.set("web", 7)
    create_run(ledger, run_of("r1", *steps("web", 1), Act(step("db", 0, 1))))
    waiting = finish(ledger, WorldHands(world), "r1").waiting
    assert waiting is not None
    assert (waiting.kind, waiting.text) == (WaitKind.ANSWER, "it is not what was planned on: web is at 7, not 0")
    send_signal(ledger, "r1", Command.ANSWER, BEN, "I looked", Reply(reply))
    run = finish(ledger, WorldHands(world), "r1")
    assert (run.state, run.stages[0].state.value, len(done(world))) == (state, stage, effects)


def test_progress_restarts_the_deadline(ledger: Ledger, world: World) -> None:
    """A slow rollout is no failed one, as long as it moves."""
    hands = Scripted(world)
    hands.seen = [Verification(Seen.NOT_YET, f"{count} of 30", str(count)) for count in range(30)] + [Verification(Seen.DONE)]
    create_run(ledger, run_of("r1", Act(step("web", 0, 1, deadline=SOON))))
    assert finish(ledger, hands, "r1").state is RunState.DONE


@pytest.mark.parametrize(
    ("seen", "state", "detail"),
    [
        (Verification(Seen.NOT_YET, "3 of 5 ready"), RunState.FAILED, "3 of 5 ready"),
        (Verification(Seen.FAILED, "ProgressDeadlineExceeded"), RunState.FAILED, "ProgressDeadlineExceeded"),
        (Verification(Seen.UNKNOWN, "cannot look: forbidden"), RunState.WAITING, "cannot look: forbidden"),
    ],
)
def test_what_does_not_come_about(ledger: Ledger, world: World, seen: Verification, state: RunState, detail: str) -> None:
    """Fails at the deadline, or at once where the world says so; what cannot be seen is asked, never believed."""
    hands = Scripted(world)
    hands.seen = [seen]
    create_run(ledger, run_of("r1", Act(step("web", 0, 1, deadline=SOON))))
    run = finish(ledger, hands, "r1")
    assert run.state is state
    assert detail in (run.waiting.text if run.waiting else run.stages[0].detail)


def test_cluster_that_cannot_be_reached_is_tried_later(ledger: Ledger) -> None:
    """The run says why it waits, and is nobody's meanwhile."""

    async def nowhere(run: Run) -> Hands:
        raise UsageError("no context leads to cluster prod")

    create_run(ledger, run_of("r1", *steps("web", 1)))
    asyncio.run(Worker(ledger, nowhere, "w1", Clock(time.monotonic, asyncio.sleep), pace=PACE).work(until_idle=True))
    run = find_run(ledger, "r1")
    assert run.waiting is not None
    assert (run.owner, run.waiting.kind, run.waiting.text) == ("", WaitKind.WORLD, "no context leads to cluster prod")


def test_fault_of_daytwo_is_put_to_a_person_and_raised(ledger: Ledger, world: World) -> None:
    """The run does not fail again and again in every worker's hands."""
    hands = Scripted(world)

    def fail() -> None:
        raise ZeroDivisionError("division by zero")

    hands.after_send = fail
    create_run(ledger, run_of("r1", *steps("web", 1)))
    with pytest.raises(ZeroDivisionError):
        finish(ledger, hands, "r1")
    waiting = find_run(ledger, "r1").waiting
    assert waiting is not None
    assert "daytwo itself failed here (ZeroDivisionError: division by zero)" in waiting.text


# -- failing ----------------------------------------------------------------------------------------------------------------


def drain(*moves: tuple[str, int, int], call: int = 0) -> list[Act]:
    return [Act(step(name, old, new, on_failure_undo=name == "node"), call=call) for name, old, new in moves]


def test_failed_call_takes_back_what_asks_for_it(ledger: Ledger, world: World) -> None:
    """A drain that is blocked uncordons its node, without asking again, and the run has failed all the same."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *drain(("node", 0, 1), ("pod", 0, 1), ("pod-2", 0, 1))))
    hands.outcomes = []
    world.set("pod-2", 0)
    hands.prepared = []

    async def prepare(run: Run, record: StageRecord) -> Prepared:
        if record.number == 2:
            return Refused("the budget web allows no eviction", is_final=True)
        return await WorldHands.prepare(hands, run, record)

    hands.prepare = prepare  # type: ignore[method-assign]
    run = finish(ledger, hands, "r1")
    assert (run.state, states(run)) == (RunState.FAILED, ["done", "done", "failed", "done"])
    assert done(world) == [("r1", 0, 1), ("r1", 1, 1), ("r1", 3, 0)]


def test_failure_leaves_other_calls_as_they_are(ledger: Ledger, world: World) -> None:
    """Only steps of the call that failed are taken back."""
    world.set("pod", 9)
    create_run(ledger, run_of("r1", *drain(("node", 0, 1)), *drain(("other", 0, 1), call=1), *drain(("pod", 0, 1), call=1)))
    finish(ledger, WorldHands(world), "r1")
    send_signal(ledger, "r1", Command.ANSWER, BEN, reply=Reply.FAIL)
    run = finish(ledger, WorldHands(world), "r1")
    assert states(run) == ["done", "done", "failed"]


def test_what_was_to_be_taken_back_later_is_taken_back_after_a_failure(ledger: Ledger, world: World) -> None:
    """`--for 30m` promised it: the timer is left out, the undo is not."""
    world.set("db", 9)
    web, db = Act(step("web", 0, 1)), Act(step("db", 0, 1), call=1)
    undo_db, undo_web = Act(step("db", 0, 1), call=1, undoes=1), Act(step("web", 0, 1), undoes=0)
    create_run(ledger, run_of("r1", web, db, pause(600), undo_db, undo_web))
    finish(ledger, WorldHands(world), "r1")
    send_signal(ledger, "r1", Command.ANSWER, BEN, reply=Reply.FAIL)
    run = finish(ledger, WorldHands(world), "r1")
    assert (run.state, states(run)) == (RunState.FAILED, ["done", "failed", "skipped", "skipped", "done"])
    assert world.read("web")[0] == 0


def test_deadline_of_a_run(ledger: Ledger, world: World) -> None:
    """What was not begun by then is not begun."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *steps("web", 1), pause(600), *steps("db", 1), deadline_at=ledger_now(ledger) + timedelta(seconds=4)))
    run = finish(ledger, hands, "r1")
    assert (run.state, states(run)) == (RunState.FAILED, ["done", "failed", "skipped"])
    assert run.stages[1].detail == "the run's deadline passed before this was done"


# -- waiting ----------------------------------------------------------------------------------------------------------------


def test_timer_is_due_when_it_was_first_said(ledger: Ledger, world: World) -> None:
    """A pause, a resume and another worker do not begin it anew, nor end it early."""
    create_run(ledger, run_of("r1", pause(600), *steps("web", 1)))
    work(ledger, WorldHands(world))
    due_at = find_run(ledger, "r1").stages[0].due_at
    send_signal(ledger, "r1", Command.PAUSE, ANNA)
    send_signal(ledger, "r1", Command.RESUME, ANNA)
    work(ledger, WorldHands(world), "w2")
    run = find_run(ledger, "r1")
    assert run.waiting is not None
    assert (run.stages[0].due_at, run.waiting.until) == (due_at, due_at)
    assert done(world) == []


def test_timer_is_waited_for_in_the_foreground(ledger: Ledger, world: World) -> None:
    """`--for` is its own worker."""
    create_run(ledger, run_of("r1", Act(step("web", 0, 1)), pause(0.2), Act(step("web", 0, 1), undoes=0)))
    assert finish(ledger, WorldHands(world), "r1").state is RunState.DONE
    assert done(world) == [("r1", 0, 1), ("r1", 2, 0)]


def test_target_is_one_runs_at_a_time(ledger: Ledger, world: World) -> None:
    """The second run waits, names the first, and goes on by itself when that is over."""
    create_run(ledger, run_of("r1", *steps("web", 1), Act(step("web", 1, 2), people=2)))
    work(ledger, WorldHands(world))
    create_run(ledger, run_of("r2", Act(step("db", 0, 1)), Act(step("web", 1, 3))))
    work(ledger, WorldHands(world))
    waiting = find_run(ledger, "r2").waiting
    assert waiting is not None
    assert (waiting.kind, waiting.run, waiting.text) == (WaitKind.LOCK, "r1", "run r1 works on apps/Deployment/shop/web")
    found = holder(ledger, "uid-of-the-cluster", [step("web", 0, 1).change])
    assert found is not None
    assert found.id == "r1"
    assert done(world) == [("r1", 0, 1)]
    send_signal(ledger, "r1", Command.CANCEL, ANNA)
    work(ledger, WorldHands(world))
    assert find_run(ledger, "r2").state is RunState.DONE


def test_run_that_has_done_nothing_holds_nobody_up_while_it_waits_for_a_person(ledger: Ledger, world: World) -> None:
    """Its targets are taken when it begins."""
    create_run(ledger, run_of("r1", *steps("web", 1), approvers=()))
    work(ledger, WorldHands(world))
    create_run(ledger, run_of("r2", *steps("web", 1)))
    work(ledger, WorldHands(world))
    assert find_run(ledger, "r2").state is RunState.DONE


@pytest.mark.parametrize("limits", [Limits(at_once=2), Limits(per_cluster=2)])
def test_no_more_runs_are_taken_than_the_limit_says(ledger: Ledger, limits: Limits) -> None:
    """Counted over all workers; a lease that is over does not count."""
    for number in range(4):
        create_run(ledger, run_of(f"r{number}", *steps(f"web-{number}", 1)))
    taken = [claim(ledger, f"w{number}", LEASE, limits) for number in range(4)]
    assert [one is not None for one in taken] == [True, True, False, False]
    assert not is_work_due(ledger, limits)
    expire(ledger, "r0")
    found = claim(ledger, "w9", LEASE, limits)
    assert found is not None
    assert (found.run.id, found.was_running, found.lease.token) == ("r0", True, 2)


def put_brakes_on(ledger: Ledger) -> None:
    put_on(ledger.place, Brakes("the network is down", "ben"), lambda: nullcontext(ledger))


def take_brakes_off(ledger: Ledger) -> None:
    take_off(ledger.place, "ben", lambda: nullcontext(ledger))


def test_brakes_stop_a_run_between_two_steps(ledger: Ledger, world: World) -> None:
    """It waits, costs nothing meanwhile, and goes on by itself when they are off."""
    hands = Scripted(world)
    hands.after_send = lambda: put_brakes_on(ledger)
    create_run(ledger, run_of("r1", *steps("web", 2)))
    work(ledger, hands)
    run = find_run(ledger, "r1")
    assert run.waiting is not None
    assert (run.waiting.kind, run.waiting.text) == (WaitKind.BRAKES, "the brakes were put on by ben: the network is down")
    assert states(run) == ["done", "pending"]
    assert run.stages[1].attempts == ()
    before = ledger.head()
    work(ledger, hands)
    assert ledger.head() == before
    hands.after_send = lambda: None
    take_brakes_off(ledger)
    work(ledger, hands)
    assert find_run(ledger, "r1").state is RunState.DONE


def test_brakes_stop_what_is_about_to_be_sent(ledger: Ledger, world: World) -> None:
    """They are read once more after the intent; that attempt says that nothing was sent."""
    hands = Scripted(world)

    async def prepare(run: Run, record: StageRecord) -> Prepared:
        put_brakes_on(ledger)
        return await WorldHands.prepare(hands, run, record)

    hands.prepare = prepare  # type: ignore[method-assign]
    create_run(ledger, run_of("r1", *steps("web", 1)))
    work(ledger, hands)
    run = find_run(ledger, "r1")
    assert done(world) == []
    assert run.stages[0].attempts[0].outcome is not None
    assert run.stages[0].attempts[0].outcome.status is Status.SKIPPED
    take_brakes_off(ledger)
    work(ledger, WorldHands(world))
    assert find_run(ledger, "r1").state is RunState.DONE


def test_waiting_runs_cost_no_look(ledger: Ledger, world: World) -> None:
    """What is due is found by an index, however many wait."""
    create_run(ledger, run_of("r0", *steps("web", 1), approvers=()))
    work(ledger, WorldHands(world))
    waiting = find_run(ledger, "r0")
    assert waiting.state is RunState.WAITING

    def multiply(tx: object) -> None:
        connection = tx.connection  # type: ignore[attr-defined]
        columns = ", ".join(f'"{column.name}"' for column in run_table.columns if column.name != "id")
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
        connection.execute(text(f"{numbers} INSERT INTO run (id, {columns}) SELECT 'w' || n.i, {columns} FROM run, n WHERE id = 'r0'"))

    ledger.transact(multiply)
    explain = "EXPLAIN" if ledger.place.is_postgresql else "EXPLAIN QUERY PLAN"
    with ledger.read() as connection:
        if ledger.place.is_postgresql:
            connection.execute(text("SET enable_seqscan = off"))
        query = _due(NO_LIMITS, None, False).compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(str(row) for row in connection.execute(text(f"{explain} {query}")))
    assert "ix_run_wake_at" in plan
    assert not is_work_due(ledger)


# -- dying and taking over ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["before_send", "after_send"])
def test_started_step_is_found_out_about(ledger: Ledger, world: World, where: str) -> None:
    """Done already, or certainly not: either way it is done once."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *steps("web", 2)))
    die_at(ledger, hands, where)
    run = finish(ledger, hands, "r1")
    assert run.state is RunState.DONE
    assert done(world) == [("r1", 0, 1), ("r1", 1, 2)]
    assert all(attempt.outcome is not None for record in run.stages for attempt in record.attempts)
    assert [len(record.attempts) for record in run.stages] == [2 if where == "before_send" else 1, 1]
    assert "run_taken_over" in {event.kind for event in events_of(ledger, Wanted(about="r1"))}


@pytest.mark.parametrize(
    ("reply", "state", "stage"),
    [
        (Reply.DONE, RunState.DONE, StepState.DONE),
        (Reply.SKIP, RunState.DONE, StepState.UNKNOWN),
        (Reply.FAIL, RunState.FAILED, StepState.FAILED),
    ],
)
def test_what_the_world_does_not_prove_a_person_is_asked(
    ledger: Ledger, world: World, reply: Reply, state: RunState, stage: StepState
) -> None:
    """Somebody else has changed it since: perhaps our change was there before."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *steps("web", 1)))
    die_at(ledger, hands, "before_send")
    world.set("web", 5)
    waiting = finish(ledger, hands, "r1").waiting
    assert waiting is not None
    assert waiting.text == "scale deployment shop/web from 0 to 1 was sent and nobody saw the answer: web is at 5"
    send_signal(ledger, "r1", Command.ANSWER, BEN, reply=reply)
    run = finish(ledger, hands, "r1")
    assert (run.state, run.stages[0].state) == (state, stage)
    assert run.stages[0].attempts[0].outcome is not None
    assert done(world) == []


def test_repeat_is_a_persons_word(ledger: Ledger, world: World) -> None:
    """Then it is a new attempt with a new intent."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *steps("web", 1)))
    die_at(ledger, hands, "before_send")
    world.set("web", 0)
    hands.settled = [Settled(Settlement.ASK, "perhaps done and reverted")]
    finish(ledger, hands, "r1")
    send_signal(ledger, "r1", Command.ANSWER, BEN, reply=Reply.REPEAT)
    run = finish(ledger, hands, "r1")
    assert (run.state, len(run.stages[0].attempts)) == (RunState.DONE, 2)


def test_world_that_cannot_be_asked_is_asked_later_and_then_a_person_is(ledger: Ledger, world: World) -> None:
    """An outage of the API server alone is no question."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", Act(step("web", 0, 1, deadline=SOON))))
    die_at(ledger, hands, "after_send")
    hands.settled = [Settled(Settlement.LATER, "connection refused")] * 3
    assert finish(ledger, hands, "r1").state is RunState.DONE
    create_run(ledger, run_of("r2", Act(step("db", 0, 1, deadline=SOON))))
    die_at(ledger, hands, "after_send", "r2")
    hands.settled = [Settled(Settlement.LATER, "connection refused")] * 1000
    waiting = finish(ledger, hands, "r2").waiting
    assert waiting is not None
    assert (waiting.kind, waiting.text.partition(" (")[0]) == (WaitKind.ANSWER, "connection refused")


def test_answer_that_was_lost_is_found_out_about(ledger: Ledger, world: World) -> None:
    """A timeout is no failure: the same worker asks the world."""
    hands = Scripted(world)
    hands.outcomes = [Outcome(Status.UNKNOWN, run_of("r0").created_at, "no answer")]
    hands.before_send = lambda: None if done(world) else world.set("web", 1)
    create_run(ledger, run_of("r1", *steps("web", 1)))
    run = finish(ledger, hands, "r1")
    assert (run.state, run.stages[0].detail) == (RunState.DONE, "1 of 1")
    assert len(run.stages[0].attempts) == 1


def test_foreign_command_is_never_repeated(ledger: Ledger, world: World) -> None:
    """Nobody can say what it did, so nobody is believed but a person; the world is not even asked."""
    hands = Scripted(world)
    command = Step("run helm upgrade", Call("command"), Execute(("helm", "upgrade", "shop")))
    create_run(ledger, run_of("r1", Act(command)))
    hands.prepared = [Ready(run_of("r1", Act(command)).approvals[0].digest)]
    die_at(ledger, hands, "before_send")
    waiting = finish(ledger, hands, "r1").waiting
    assert waiting is not None
    assert waiting.text == "`helm upgrade shop` was started and nobody saw its end; look what it did"


def test_worker_that_lost_its_run_stops_and_its_outcome_is_kept(ledger: Ledger, world: World) -> None:
    """Whoever has the run now finds the outcome under the old token."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *steps("web", 2)))
    taken: list[object] = []

    def overtake() -> None:
        expire(ledger, "r1")
        taken.append(claim(ledger, "w2", LEASE))

    hands.after_send = overtake
    its = worker(ledger, hands)

    async def until_fenced() -> None:
        working = asyncio.ensure_future(its.work_on("r1"))
        while not taken or its._held:
            await asyncio.sleep(0.01)
        working.cancel()

    asyncio.run(until_fenced())
    run = find_run(ledger, "r1")
    assert (run.owner, states(run)) == ("w2", ["started", "pending"])
    assert run.stages[0].attempts[0].outcome is not None
    assert run.stages[0].attempts[0].outcome.status is Status.DONE
    check_history(ledger)
    expire(ledger, "r1")
    hands.after_send = lambda: None
    assert finish(ledger, hands, "r1").state is RunState.DONE
    assert done(world) == [("r1", 0, 1), ("r1", 1, 2)]


def test_run_is_taken_over_when_its_lease_is_over(ledger: Ledger) -> None:
    """Not before, and at once then; the lease that is over cannot be renewed."""
    create_run(ledger, run_of("r1", *steps("web", 1)))
    span = timedelta(seconds=0.3)
    began = ledger_now(ledger)
    first = claim(ledger, "w1", span)
    assert first is not None
    assert renew(ledger, [first.lease]) == {first.lease}
    second = until(lambda: claim(ledger, "w2", LEASE), "the lease to end")
    assert ledger_now(ledger) - began >= span
    assert renew(ledger, [first.lease, second.lease]) == {second.lease}
    with pytest.raises(Fenced):
        look(ledger, first.lease)


def test_outcome_that_comes_too_late_is_told_and_changes_nothing(ledger: Ledger, world: World) -> None:
    """The step was settled meanwhile."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *steps("web", 1)))
    die_at(ledger, hands, "after_send")
    finish(ledger, hands, "r1")
    late = Outcome(Status.DONE, run_of("r0").created_at, "late")
    ledger.transact(lambda tx: RunWriting(tx, "r1", "w0").record_outcome(0, 1, late))
    assert find_run(ledger, "r1").stages[0].attempts[0].outcome != late
    assert events_of(ledger, Wanted(about="r1"))[-1].kind == "outcome_came_late"
    check_history(ledger)


def test_leases_are_renewed_while_a_step_takes_long(ledger: Ledger, world: World) -> None:
    """Nobody takes over a run whose worker lives."""
    hands = Scripted(world)
    hands.seen = [Verification(Seen.NOT_YET, "0 of 1")] * 60 + [Verification(Seen.DONE)]
    pace = Pace(timedelta(seconds=0.5), PACE.poll, PACE.first_look, PACE.longest_look, PACE.shortest_pause)
    create_run(ledger, run_of("r1", *steps("web", 1)))
    asyncio.run(worker(ledger, hands, pace=pace).work_on("r1"))
    kinds = [event.kind for event in events_of(ledger, Wanted(about="r1"))]
    assert kinds.count("run_taken") == 1
    assert "run_taken_over" not in kinds


def test_worker_that_is_stopped_gives_its_run_back(ledger: Ledger, world: World) -> None:
    """Before the next step; another worker need not wait for the lease to end."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *steps("web", 2)))
    its = worker(ledger, hands)
    hands.after_send = its.stop
    run = asyncio.run(its.work_on("r1"))
    assert (run.state, run.owner, len(done(world))) == (RunState.READY, "", 1)
    hands.after_send = lambda: None
    assert finish(ledger, hands, "r1").state is RunState.DONE


def test_interrupted_worker_finishes_what_it_sends(ledger: Ledger, world: World) -> None:
    """The outcome is recorded, then the run is given back."""
    hands = Scripted(world)
    create_run(ledger, run_of("r1", *steps("web", 2)))

    async def interrupt() -> None:
        task = asyncio.ensure_future(worker(ledger, hands).work_on("r1"))
        hands.before_send = lambda: task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupt())
    run = find_run(ledger, "r1")
    assert (run.state, states(run)) == (RunState.READY, ["applied", "pending"])
    check_history(ledger)


class AwayLedger(Ledger):
    """A ledger that is away for some writes."""

    def __init__(self, inner: Ledger) -> None:
        self.inner = inner
        self.place = inner.place
        self.away = 0

    def transact(self, work):  # type: ignore[no-untyped-def]
        if self.away:
            self.away -= 1
            raise LedgerUnavailable("connection refused")
        return self.inner.transact(work)

    def read(self):  # type: ignore[no-untyped-def]
        return self.inner.read()


@pytest.mark.parametrize(("failures", "settles"), [(3, False), (1000, True)])
def test_outcome_is_written_when_the_ledger_is_back(ledger: Ledger, world: World, failures: int, settles: bool) -> None:
    """Tried until the lease is over; after that whoever takes over asks the world."""
    away = AwayLedger(ledger)
    hands = Scripted(world)
    hands.after_send = lambda: setattr(away, "away", failures)
    create_run(ledger, run_of("r1", *steps("web", 1)))
    # Long enough to send within it on a busy machine too.
    pace = Pace(timedelta(seconds=3), PACE.poll)
    if settles:
        with pytest.raises(LedgerUnavailable):
            asyncio.run(worker(away, hands, pace=pace).work_on("r1"))
        expire(ledger, "r1")
    else:
        asyncio.run(worker(away, hands, pace=pace).work_on("r1"))
    run = finish(ledger, WorldHands(world), "r1")
    assert (run.state, done(world)) == (RunState.DONE, [("r1", 0, 1)])
    assert run.stages[0].attempts[0].outcome is not None
    assert (run.stages[0].attempts[0].outcome.detail == "found as wanted") is settles


def test_clock_of_the_process_may_jump(ledger: Ledger, world: World) -> None:
    """Years ahead and back: leases, timers and deadlines go by the database's."""
    jumps = iter([1e9, -1e9, 3e9, 0.0] * 1000)
    hands = Scripted(world)
    hands.seen = [Verification(Seen.NOT_YET, "0 of 1")] * 3 + [Verification(Seen.DONE)]

    async def hands_for(run: Run) -> Hands:
        return hands

    create_run(ledger, run_of("r1", *steps("web", 2), pause(0.05), *steps("db", 1)))
    its = Worker(ledger, hands_for, "w1", Clock(lambda: next(jumps), asyncio.sleep), pace=PACE)
    assert asyncio.run(its.work_on("r1")).state is RunState.DONE
    assert len(done(world)) == 3


# -- what is secret -----------------------------------------------------------------------------------------------------------


def secret_step() -> Step:
    target = built_in("Deployment", "shop", "web", uid="uid-web")
    name = Guard("/spec/template/spec/containers/0/env/0/name", "DB_PASSWORD")
    value = FieldChange("/spec/template/spec/containers/0/env/0/value", "hunter2-old", "hunter2-new")
    return Step("set the variable DB_PASSWORD", Call("set_env", target), Patch(target, (value,), (name,)))


def test_secret_is_withheld_and_only_its_process_can_do_the_step(ledger: Ledger, ledger_name: str, world: World) -> None:
    """It is nowhere in the ledger; another worker asks a person instead of sending a mask."""
    digest = run_of("r1", Act(secret_step())).approvals[0].digest
    sent: list[object] = []
    hands = Scripted(world)

    async def prepare(run: Run, record: StageRecord) -> Prepared:
        assert isinstance(record.stage, Act)
        sent.append(record.stage.step.change)
        return Changed("enough seen") if len(sent) > 1 else Ready(digest, None)

    hands.prepare = prepare  # type: ignore[method-assign]
    hands.before_send = die
    its = worker(ledger, hands)
    created = asyncio.run(its.start(run_of("r1", Act(secret_step()))))
    assert created.stages[0].is_withheld
    with pytest.raises(Killed):
        asyncio.run(its.work_on("r1"))
    assert sent == [secret_step().change]
    expire(ledger, "r1")
    waiting = finish(ledger, WorldHands(world), "r1").waiting
    assert waiting is not None
    assert "what was sent is secret, and not kept" in waiting.text
    send_signal(ledger, "r1", Command.ANSWER, BEN, reply=Reply.REPEAT)
    waiting = finish(ledger, WorldHands(world), "r1").waiting
    assert waiting is not None
    assert "only the process that made this run knew it" in waiting.text
    with ledger.read() as connection:
        tables = ["run", "stage", "attempt", "approval", "signal", "lock", "event"]
        whole = "\n".join(str(row) for table in tables for row in connection.execute(text(f"SELECT * FROM {table}")))
    assert "hunter2" not in whole
    assert "DB_PASSWORD" in whole


# -- what policy asks -----------------------------------------------------------------------------------------------------------


def test_policy_is_told_of_earlier_runs(ledger: Ledger, world: World) -> None:
    """When a target was last worked on, how many runs there were today; a run that changed nothing does not count as work."""
    changes: Sequence[Patch] = [change for one in steps("web", 1) if isinstance(change := one.step.change, Patch)]
    assert last_finished_at(ledger, "uid-of-the-cluster", changes) is None
    create_run(ledger, run_of("r1", *steps("web", 1), approvers=()))
    send_signal(ledger, "r1", Command.CANCEL, ANNA)
    assert last_finished_at(ledger, "uid-of-the-cluster", changes) is None
    create_run(ledger, run_of("r2", *steps("web", 1)))
    run = finish(ledger, WorldHands(world), "r2")
    assert last_finished_at(ledger, "uid-of-the-cluster", changes) == run.finished_at
    assert last_finished_at(ledger, "another cluster", changes) is None
    assert count_runs(ledger) == 2
