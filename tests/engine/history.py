"""What the events tell of runs, against what their rows say."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import select

from daytwo.ledger.database import Ledger
from daytwo.ledger.events import Wanted
from daytwo.ledger.replay import INTENT, TAKEN, TAKEN_OVER, replay, replay_locks, replay_signals
from daytwo.ledger.runs import list_runs
from daytwo.ledger.tables import lock, signal
from daytwo.model.json import Json
from daytwo.model.remembered import Event
from daytwo.model.run import Run
from tests.ledger.test_events import events_of


def check_history(ledger: Ledger) -> None:
    """The events of all runs, folded, are the rows: runs, locks, and what people sent."""
    events = all_events(ledger)
    check_tokens(events)
    rows = {run.id: comparable(run) for run in list_runs(ledger, limit=100_000)}
    told = {id: comparable(run) for id, run in replay(events).items()}
    assert told == rows
    with ledger.read() as connection:
        holders = {row.target: row.run for row in connection.execute(select(lock))}
        untaken = {(row.run, row.number) for row in connection.execute(select(signal).where(signal.c.taken_at.is_(None)))}
    assert replay_locks(events) == holders
    assert {(run, one.number) for run, signals in replay_signals(events).items() for one in signals} == untaken


def check_tokens(events: Iterable[Event]) -> None:
    """Each intent is of the worker that took the run last."""
    tokens: dict[str, Json] = {}
    for event in events:
        if event.kind in (TAKEN, TAKEN_OVER):
            tokens[event.about] = event.data["token"]
        elif event.kind == INTENT:
            assert event.data["token"] == tokens[event.about], f"event {event.seq}: an intent of a worker that had lost the run"


def comparable(run: Run) -> Run:
    """Approvals that were given at once have no order."""
    return msgspec.structs.replace(run, approvals=tuple(sorted(run.approvals, key=lambda one: (one.at, one.digest, one.person))))


def all_events(ledger: Ledger) -> list[Event]:
    found: list[Event] = []
    while page := events_of(ledger, Wanted(after=found[-1].seq if found else 0)):
        found += page
    return found
