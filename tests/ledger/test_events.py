"""Events: appended in one chain, in the order of commits, masked, and read back as they were."""

from daytwo.ledger.database import Ledger
from daytwo.ledger.events import read_events


def test_events_come_back_as_they_were_appended(ledger: Ledger) -> None:
    """What was appended is what is read, with a place in the chain."""
    ledger.transact(lambda tx: tx.append("anna", "run-1", "run_started", {"title": "scale web", "steps": 2, "ratio": 0.5, "why": None}))
    with ledger.read() as connection:
        (event,) = read_events(connection)
    assert (event.seq, event.actor, event.about, event.kind) == (1, "anna", "run-1", "run_started")
    assert event.data == {"title": "scale web", "steps": 2, "ratio": 0.5, "why": None}
    assert event.hash == ledger.head().hash
