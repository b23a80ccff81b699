"""Runs as a person finds them the next morning."""

from datetime import UTC

import msgspec
import pytest

from daytwo.model.change import Wait
from daytwo.model.outcome import Outcome, Status
from daytwo.model.run import Act, Attempt, Pause, Run, RunState, StageRecord, StepState, Waiting, WaitKind
from daytwo.render import text_of_runs
from daytwo.render.clock import Clock
from tests.render.acting import ATTEMPT, RUN, SCALE, STEP, later, run

CLOCK = Clock(later(300), UTC)
HELD = run(
    RunState.WAITING,
    id="m3xa",
    stages=(
        RUN.stages[0],
        StageRecord(1, Pause(later(1800) - later(0), "undo after 30 min"), StepState.STARTED, due_at=later(1843)),
        StageRecord(2, Act(STEP, undoes=0)),
    ),
    waiting=Waiting(WaitKind.TIMER, "the end of 30 min", 1, until=later(1843)),
)
LOST = run(
    RunState.FAILED,
    id="q9zz",
    stages=(
        StageRecord(
            0,
            Act(STEP),
            StepState.UNKNOWN,
            (
                Attempt(1, later(1), 7, "d0"),
                Attempt(2, later(40), 8, "d0", outcome=Outcome(Status.UNKNOWN, later(70), "no answer within 30 s")),
            ),
            "nobody saw whether it was stored",
        ),
    ),
)
ASKED = run(
    RunState.WAITING,
    id="abcd",
    stages=(StageRecord(0, Act(STEP, people=2)),),
    waiting=Waiting(WaitKind.APPROVAL, "one more person to approve it", 0, "d0"),
)
GOING = run(RunState.RUNNING, id="ef12", stages=(StageRecord(0, Act(STEP), StepState.APPLIED, (ATTEMPT,), "3 of 5 ready"),))


def whole(found: Run) -> list[str]:
    return text_of_runs.run(found, CLOCK, width=80, is_coloured=False).splitlines()


def ending(found: Run) -> list[str]:
    return text_of_runs.ending(found, width=80, is_coloured=False).splitlines()


def test_a_run_whole() -> None:
    assert whole(RUN) == [
        "r7k2  DONE  scale deployment shop/web from 3 to 5",
        "prod-eu · by ada@example.com · started 2026-11-20 03:12 UTC · took 43 s",
        "",
        "why       evening peak",
        "steps     1  done  scale deployment shop/web from 3 to 5  03:12:47",
        "                   5 of 5 ready",
        "approved  ada@example.com  03:12:04",
        "next      daytwo undo r7k2",
    ]


def test_a_run_that_waits_for_its_timer_says_when_it_is_due() -> None:
    assert "waits     the end of 30 min, due in 25 min (03:42)" in whole(HELD)
    assert "          3  pending  take back: scale deployment shop/web from 3 to 5" in whole(HELD)


def test_each_attempt_is_told_where_there_were_several() -> None:
    assert whole(LOST)[4:8] == [
        "steps     1  unknown  scale deployment shop/web from 3 to 5",
        "                      nobody saw whether it was stored",
        "                      attempt 1 at 03:12:05: no outcome was recorded",
        "                      attempt 2 at 03:12:44: unknown  no answer within 30 s",
    ]


def test_the_list_has_a_row_a_run() -> None:
    told = text_of_runs.listing([RUN, HELD, ASKED], CLOCK, width=None, is_coloured=False).splitlines()
    assert told == [
        "RUN   STATE    STARTED  BY               CLUSTER  WHAT",
        "r7k2  done     03:12    ada@example.com  prod-eu  scale deployment shop/web from 3 to 5",
        "m3xa  waiting  03:12    ada@example.com  prod-eu  scale deployment shop/web from 3 to 5: the end of 30 min, due in 25 min (03:42)",
        "abcd  waiting  03:12    ada@example.com  prod-eu  scale deployment shop/web from 3 to 5: one more person to approve it",
    ]


def test_the_ending_says_what_is_true_now_and_what_next() -> None:
    assert ending(RUN) == ["DONE  scale deployment shop/web from 3 to 5  run r7k2", "  5 of 5 ready", "  daytwo undo r7k2"]
    assert ending(LOST)[1:] == ["  nobody saw whether it was stored", "  daytwo runs show q9zz"]
    assert ending(ASKED)[1:] == ["  waits for one more person to approve it", "  daytwo runs approve abcd", "  daytwo runs reject abcd"]


def test_the_ending_of_many_steps_tells_those_that_are_not_done() -> None:
    stages = (RUN.stages[0], StageRecord(1, Act(STEP), StepState.FAILED, detail="refused"), StageRecord(2, Act(STEP)))
    assert ending(run(RunState.FAILED, stages=stages)) == [
        "FAILED  scale deployment shop/web from 3 to 5  run r7k2",
        "  scale deployment shop/web from 3 to 5: refused",
        "  1 of 3 steps were not started",
        "  daytwo runs show r7k2",
        "  daytwo undo r7k2",
    ]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (GOING, "scale deployment shop/web from 3 to 5 · 3 of 5 ready"),
        (HELD, "the end of 30 min, due in 25 min (03:42)"),
        (RUN, "done"),
        (
            run(RunState.RUNNING, stages=(RUN.stages[0], StageRecord(1, Act(STEP), StepState.STARTED))),
            "2 of 2: scale deployment shop/web from 3 to 5 · sending",
        ),
    ],
)
def test_one_line_says_where_a_run_stands(found: Run, told: str) -> None:
    assert text_of_runs.now(found, CLOCK) == told


def test_an_undo_or_what_was_taken_back_is_not_offered_to_be_undone() -> None:
    assert text_of_runs.commands(run(undoes="other")) == ()
    back = StageRecord(1, Act(STEP, undoes=0), StepState.DONE)
    assert text_of_runs.commands(run(stages=(RUN.stages[0], back))) == ()


def test_a_paused_run_is_resumed() -> None:
    assert text_of_runs.commands(run(RunState.PAUSED)) == ("daytwo runs resume r7k2",)


def test_a_question_is_answered_and_what_is_worked_on_is_left_alone() -> None:
    asked = run(RunState.WAITING, waiting=Waiting(WaitKind.ANSWER, "nobody saw its end", 0))
    assert text_of_runs.commands(asked) == ("daytwo runs answer r7k2 done|repeat|skip|fail",)
    assert text_of_runs.commands(GOING) == ()
    assert text_of_runs.commands(HELD) == ("daytwo runs work m3xa",)


def test_what_was_stored_and_did_not_come_about_can_be_taken_back() -> None:
    stuck = StageRecord(0, Act(STEP), StepState.FAILED, (ATTEMPT,), "no progress for 10 min: 3 of 5 ready")
    assert text_of_runs.commands(run(RunState.FAILED, stages=(stuck,))) == ("daytwo runs show r7k2", "daytwo undo r7k2")
    waiting = msgspec.structs.replace(STEP, change=Wait(SCALE, "ready"))
    only_waited = msgspec.structs.replace(stuck, stage=Act(waiting))
    assert text_of_runs.commands(run(RunState.FAILED, stages=(only_waited,))) == ("daytwo runs show r7k2",)
