"""What the events of runs tell: folded in their order they give each run as its rows have it. Pure.

Workers follow their own events in the same way, so that what they believe is what they wrote.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

import msgspec

from daytwo.model.json import Json
from daytwo.model.outcome import Outcome
from daytwo.model.person import Person
from daytwo.model.remembered import Event
from daytwo.model.run import Approval, Attempt, Run, RunState, Signal, StageRecord, StepState, Waiting

Data: TypeAlias = Mapping[str, Json]

CREATED: Final = "run_created"
TAKEN: Final = "run_taken"
TAKEN_OVER: Final = "run_taken_over"
RELEASED: Final = "run_released"
WAITED: Final = "run_waited"
WOKEN: Final = "run_woken"
PAUSED: Final = "run_paused"
FINISHED: Final = "run_finished"
STAGES_ADDED: Final = "stages_added"
INTENT: Final = "intent_recorded"
OUTCOME: Final = "outcome_recorded"
LATE_OUTCOME: Final = "outcome_came_late"
APPROVED: Final = "approval_given"
SIGNAL: Final = "signal_sent"
SIGNAL_TAKEN: Final = "signal_taken"
LOCKED: Final = "targets_locked"
UNLOCKED: Final = "targets_unlocked"

STAGE_KINDS: Final[dict[StepState, str]] = {
    StepState.PENDING: "stage_put_back",
    StepState.STARTED: "stage_started",
    StepState.APPLIED: "stage_applied",
    StepState.DONE: "stage_done",
    StepState.FAILED: "stage_failed",
    StepState.SKIPPED: "stage_skipped",
    StepState.UNKNOWN: "stage_left_unknown",
}


def plain(value: object) -> Json:
    """A value of the model as JSON."""
    found: Json = msgspec.to_builtins(value)
    return found


def follow(run: Run, kind: str, data: Data, at: datetime) -> Run:
    """The run after one event of it. What changes nothing in the run, such as a lock, is passed over."""
    change = _CHANGES.get(kind)
    return change(run, data, at) if change is not None else run


def replay(events: Iterable[Event]) -> dict[str, Run]:
    """All runs, by id, as these events tell them; from the first event on."""
    runs: dict[str, Run] = {}
    for event in events:
        if event.kind == CREATED:
            runs[event.about] = msgspec.convert({**event.data, "id": event.about, "created_at": event.at}, Run)
        elif event.about in runs:
            runs[event.about] = follow(runs[event.about], event.kind, event.data, event.at)
    return runs


def replay_locks(events: Iterable[Event]) -> dict[str, str]:
    """Which run holds which target."""
    holders: dict[str, str] = {}
    for event in events:
        if event.kind == LOCKED:
            targets = event.data["targets"]
            assert isinstance(targets, list)
            holders.update((str(target), event.about) for target in targets)
        elif event.kind == UNLOCKED:
            holders = {target: run for target, run in holders.items() if run != event.about}
    return holders


def replay_signals(events: Iterable[Event]) -> dict[str, tuple[Signal, ...]]:
    """What was sent to each run and not acted on yet."""
    waiting: dict[str, tuple[Signal, ...]] = {}
    for event in events:
        before = waiting.get(event.about, ())
        if event.kind == SIGNAL:
            waiting[event.about] = (*before, msgspec.convert({**event.data, "at": event.at}, Signal))
        elif event.kind == SIGNAL_TAKEN:
            waiting[event.about] = tuple(one for one in before if one.number != event.data["number"])
    return {run: signals for run, signals in waiting.items() if signals}


def _taken(run: Run, data: Data, at: datetime) -> Run:
    return msgspec.structs.replace(run, state=RunState.RUNNING, owner=str(data["owner"]), waiting=None)


def _ready(run: Run, data: Data, at: datetime) -> Run:
    return msgspec.structs.replace(run, state=RunState.READY, owner="", waiting=None)


def _waited(run: Run, data: Data, at: datetime) -> Run:
    return msgspec.structs.replace(run, state=RunState.WAITING, owner="", waiting=msgspec.convert(data, Waiting))


def _paused(run: Run, data: Data, at: datetime) -> Run:
    return msgspec.structs.replace(run, state=RunState.PAUSED, owner="", waiting=None)


def _finished(run: Run, data: Data, at: datetime) -> Run:
    return msgspec.structs.replace(run, state=RunState(str(data["state"])), owner="", waiting=None, finished_at=at)


def _stages_added(run: Run, data: Data, at: datetime) -> Run:
    return msgspec.structs.replace(run, stages=(*run.stages, *msgspec.convert(data["stages"], tuple[StageRecord, ...])))


def _stage_changed(run: Run, data: Data, at: datetime) -> Run:
    number = data["stage"]
    assert isinstance(number, int)
    state = StepState(str(data["state"]))
    due_at = msgspec.convert(data["due_at"], datetime) if data.get("due_at") else None
    finished_at = at if state in FINAL else None
    record = msgspec.structs.replace(run.stages[number], state=state, detail=str(data["detail"]), due_at=due_at, finished_at=finished_at)
    return _with_stage(run, record)


def _intent(run: Run, data: Data, at: datetime) -> Run:
    number = data["stage"]
    assert isinstance(number, int)
    attempt = msgspec.convert({**data, "number": data["attempt"], "at": at}, Attempt)
    record = run.stages[number]
    return _with_stage(run, msgspec.structs.replace(record, attempts=(*record.attempts, attempt)))


def _outcome(run: Run, data: Data, at: datetime) -> Run:
    number, which = data["stage"], data["attempt"]
    assert isinstance(number, int)
    outcome = msgspec.convert(data["outcome"], Outcome)
    record = run.stages[number]
    attempts = tuple(
        msgspec.structs.replace(attempt, outcome=outcome) if attempt.number == which else attempt for attempt in record.attempts
    )
    return _with_stage(run, msgspec.structs.replace(record, attempts=attempts))


def _approved(run: Run, data: Data, at: datetime) -> Run:
    given = Approval(str(data["digest"]), msgspec.convert(data["person"], Person), at, str(data.get("why", "")))
    return msgspec.structs.replace(run, approvals=(*run.approvals, given))


def _with_stage(run: Run, record: StageRecord) -> Run:
    stages = tuple(record if record.number == each.number else each for each in run.stages)
    return msgspec.structs.replace(run, stages=stages)


FINAL: Final = frozenset({StepState.DONE, StepState.FAILED, StepState.SKIPPED, StepState.UNKNOWN})

_CHANGES: Final[dict[str, Callable[[Run, Data, datetime], Run]]] = {
    TAKEN: _taken,
    TAKEN_OVER: _taken,
    RELEASED: _ready,
    WOKEN: _ready,
    WAITED: _waited,
    PAUSED: _paused,
    FINISHED: _finished,
    STAGES_ADDED: _stages_added,
    INTENT: _intent,
    OUTCOME: _outcome,
    APPROVED: _approved,
    **dict.fromkeys(STAGE_KINDS.values(), _stage_changed),
}
