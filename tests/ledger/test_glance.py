"""What is overdue is seen by every command, quickly, and without ever being an error."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from daytwo.ledger.database import Ledger
from daytwo.ledger.glance import GRACE, glance
from daytwo.ledger.place import ledger_place
from daytwo.ledger.tables import clock, run

MINUTE = timedelta(minutes=1)


def add_run(ledger: Ledger, name: str, *, due_in: timedelta | None, waits_for: str | None = "timer") -> None:
    row = {
        "id": name, "cluster": "c1", "cluster_name": "shop", "context": "", "title": f"scale {name}", "why": "", "undoes": "",
        "actor": {"name": "anna"}, "state": "waiting", "waits_for": waits_for, "owner": "", "token": 0,
    }  # fmt: skip
    times = {"created_at": clock(), "wake_at": clock(due_in) if due_in is not None else None}
    ledger.transact(lambda tx: tx.connection.execute(insert(run).values(**row, **times)))


def test_oldest_overdue_run_is_seen_with_how_many_there_are(ledger: Ledger) -> None:
    """The longest overdue first; what is not due yet, or waits for somebody, is not overdue."""
    assert glance(ledger.place) is None
    add_run(ledger, "later", due_in=MINUTE)
    add_run(ledger, "person", due_in=None, waits_for="approval")
    add_run(ledger, "brakes", due_in=-MINUTE, waits_for="brakes")
    add_run(ledger, "just-now", due_in=-GRACE / 2)
    assert glance(ledger.place) is None
    add_run(ledger, "ready", due_in=-MINUTE, waits_for=None)
    add_run(ledger, "timer", due_in=-10 * MINUTE)
    found = glance(ledger.place)
    assert found is not None
    assert (found.run, found.title, found.is_timer, found.count) == ("timer", "scale timer", True, 2)
    now = ledger.transact(lambda tx: tx.now())
    assert timedelta(minutes=9) < now - found.since < timedelta(minutes=12)


@pytest.mark.parametrize("content", [None, b"", b"no database at all " * 400])
def test_glance_at_what_is_no_ledger_sees_nothing(tmp_path: Path, content: bytes | None) -> None:
    """A glance neither fails nor makes anything."""
    place = ledger_place(tmp_path / "ledger.db")
    if content is not None:
        place.path.write_bytes(content)
    before = sorted(tmp_path.iterdir())
    assert glance(place) is None
    assert sorted(tmp_path.iterdir()) == before


def test_glance_at_a_server_that_is_away_sees_nothing() -> None:
    """A command must not wait for a database that it may not even need."""
    assert glance(ledger_place("postgresql://127.0.0.1:1/ledger")) is None


def test_glance_loads_nothing_heavy() -> None:
    """Every command pays for what this imports."""
    code = (
        "import sys; from daytwo.ledger.glance import glance; from daytwo.ledger.place import ledger_place; glance(ledger_place())\n"
        "print([name for name in ('sqlalchemy', 'alembic', 'psycopg', 'msgspec') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
