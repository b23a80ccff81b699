"""Events: appended in one chain, in the order of commits, masked, and read back as they were."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daytwo.ledger.database import Ledger, Transaction, open_ledger
from daytwo.ledger.events import Wanted, read_events
from daytwo.ledger.proof import prove
from daytwo.ledger.unavailable import LedgerBusy
from daytwo.model.json import Json
from daytwo.model.remembered import Event, Head
from tests.conftest import NewLedger


def append(ledger: Ledger, count: int, about: str = "run-1") -> None:
    for number in range(count):
        ledger.transact(lambda tx, number=number: tx.append("anna", about, "step_finished", {"number": number}))  # type: ignore[misc]


ALL = Wanted()


def events_of(ledger: Ledger, wanted: Wanted = ALL) -> list[Event]:
    with ledger.read() as connection:
        return read_events(connection, wanted)


def test_events_come_back_as_they_were_appended(ledger: Ledger) -> None:
    """What was appended is what is read, with a place in the chain."""
    ledger.transact(lambda tx: tx.append("anna", "run-1", "run_started", {"title": "scale web", "steps": 2, "ratio": 0.5, "why": None}))
    (event,) = events_of(ledger)
    assert (event.seq, event.actor, event.about, event.kind) == (1, "anna", "run-1", "run_started")
    assert event.data == {"title": "scale web", "steps": 2, "ratio": 0.5, "why": None}
    assert Head(event.seq, event.hash) == ledger.head()


def test_time_of_an_event_is_the_databases(ledger: Ledger) -> None:
    """An event bears the time at which its transaction asked for it, aware and in UTC."""

    def work(tx: Transaction) -> datetime:
        tx.append("anna", "run-1", "run_started")
        return tx.now()

    now = ledger.transact(work)
    assert events_of(ledger)[0].at == now
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_transaction_that_fails_appends_nothing(ledger: Ledger) -> None:
    """Work rows and events are stored together or not at all."""

    def work(tx: Transaction) -> None:
        tx.append("anna", "run-1", "run_started")
        raise ValueError("a fault of the caller's")

    with pytest.raises(ValueError, match="caller"):
        ledger.transact(work)
    append(ledger, 1)
    assert [event.kind for event in events_of(ledger)] == ["step_finished"]


def test_events_of_one_transaction_stand_together(ledger: Ledger) -> None:
    """A transaction's events follow each other, in the order in which it appended them."""

    def work(tx: Transaction) -> None:
        for kind in ("run_started", "step_started", "step_finished"):
            tx.append("anna", "run-1", kind)

    ledger.transact(work)
    assert [(event.seq, event.kind) for event in events_of(ledger)] == [(1, "run_started"), (2, "step_started"), (3, "step_finished")]


def test_events_are_found_by_case_kind_and_time(ledger: Ledger) -> None:
    """Each filter leaves only what it names; together they leave what all name."""
    append(ledger, 2, "run-1")
    append(ledger, 3, "run-2")
    ledger.transact(lambda tx: tx.append("anna", "run-2", "run_finished"))
    all_events = events_of(ledger)
    assert [event.seq for event in events_of(ledger, Wanted(about="run-2"))] == [3, 4, 5, 6]
    assert [event.seq for event in events_of(ledger, Wanted(about="run-2", kind="run_finished"))] == [6]
    assert [event.seq for event in events_of(ledger, Wanted(after=4))] == [5, 6]
    assert events_of(ledger, Wanted(since=all_events[0].at)) == all_events
    assert events_of(ledger, Wanted(since=all_events[-1].at + timedelta(seconds=1))) == []


def test_transaction_inside_a_transaction_is_refused(ledger: Ledger) -> None:
    """It would wait for itself on SQLite; it is a fault on both databases."""
    with pytest.raises(RuntimeError, match="inside another"):
        ledger.transact(lambda tx: append(ledger, 1))


def test_threads_and_processes_append_to_one_chain(new_ledger: NewLedger) -> None:
    """Nobody's event is lost or doubled, and the chain holds, however many append at once."""
    ledgers = [new_ledger(), new_ledger()]
    threads = [Thread(target=append, args=(ledgers[number % 2], 10, f"run-{number}")) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = events_of(ledgers[0])
    assert [event.seq for event in events] == list(range(1, 41))
    for number in range(4):
        assert [event.data["number"] for event in events if event.about == f"run-{number}"] == list(range(10))
    assert prove(ledgers[0]).fault is None


JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters()), data=st.dictionaries(st.text(st.characters()), JSON, max_size=4))
def test_any_text_and_any_json_is_stored_and_proven(ledger: Ledger, text: str, data: dict[str, Json]) -> None:
    """Whatever a cluster or a person wrote, NUL and half characters too: it is kept in a chain that holds."""
    before = ledger.head().seq
    ledger.transact(lambda tx: tx.append(text, text, text, data))
    proof = prove(ledger)
    assert proof.fault is None
    assert proof.head.seq == before + 1


def test_too_many_readers_at_once_are_told(ledger_name: str) -> None:
    """Who finds no connection free within its patience hears that the ledger is busy, not of a fault of ours."""
    with open_ledger(ledger_name, patience=timedelta(milliseconds=200)) as ledger, ExitStack() as readers:

        def crowd() -> None:
            for _ in range(100):
                readers.enter_context(ledger.read())

        with pytest.raises(LedgerBusy, match="all connections of this process have been in use for too long"):
            crowd()
