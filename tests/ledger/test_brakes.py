"""The brakes: on at once, whoever holds the database; seen by every process before it writes; on when nobody can see."""

import fcntl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daytwo.ledger.brakes import put_on, read_brakes, read_brakes_file, take_off
from daytwo.ledger.database import Ledger, open_ledger
from daytwo.ledger.place import ledger_place
from daytwo.ledger.unavailable import LedgerUnavailable
from daytwo.model.brakes import Brakes
from tests.conftest import NewLedger
from tests.ledger.test_events import events_of
from tests.servers.postgresql import PostgreSQL

FRIDAY = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
ON = Brakes("the shop sells badly", "anna", FRIDAY)
SHORT = timedelta(milliseconds=200)


def test_brakes_are_seen_by_all_and_taken_off_by_anybody(new_ledger: NewLedger, ledger_name: str) -> None:
    """On for every process, with who and why; off for every process; both are in the history."""
    mine, others = new_ledger(), new_ledger()
    assert read_brakes(others) is None
    assert put_on(mine.place, ON, lambda: open_ledger(ledger_name)) == ""
    assert read_brakes(mine) == read_brakes(others) == ON
    assert take_off(others.place, "berta", lambda: open_ledger(ledger_name))
    assert read_brakes(mine) is None
    assert read_brakes(others) is None
    assert [(event.actor, event.kind, event.data) for event in events_of(mine)] == [
        ("anna", "brakes_put_on", {"why": "the shop sells badly"}),
        ("berta", "brakes_taken_off", {}),
    ]


def test_brakes_that_are_off_stay_off_without_an_event(ledger: Ledger, ledger_name: str) -> None:
    """Taking off what is not on is no event, and says so."""
    assert not take_off(ledger.place, "anna", lambda: open_ledger(ledger_name))
    assert events_of(ledger) == []


def test_brakes_survive_their_process(ledger_name: str) -> None:
    """They are persistent: nothing but taking them off ends them."""
    put_on(ledger_place(ledger_name), ON, lambda: open_ledger(ledger_name))
    with open_ledger(ledger_name) as ledger:
        assert read_brakes(ledger) == ON


def test_brakes_are_on_while_another_process_holds_the_database(tmp_path: Path) -> None:
    """The file needs no lock; only the history misses it, and that is told."""
    place = tmp_path / "ledger.db"
    with open_ledger(place) as ledger, ledger.place.lock_file.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        told = put_on(ledger.place, ON, lambda: open_ledger(place, patience=SHORT))
        assert "not in the history" in told
        assert read_brakes(ledger) == ON


def test_brakes_are_on_without_any_database(tmp_path: Path) -> None:
    """A ledger that is damaged must not keep anybody from braking."""
    place = ledger_place(tmp_path / "ledger.db")
    place.path.write_text("no database " * 1_000)
    assert "not in the history" in put_on(place, ON, lambda: open_ledger(place))
    assert read_brakes_file(place) == ON


def test_brakes_that_could_not_be_put_on_are_a_loud_failure(tmp_path: Path) -> None:
    """Nobody may believe that they are on."""
    (tmp_path / "file").touch()
    place = ledger_place(tmp_path / "file" / "ledger.db")
    with pytest.raises(LedgerUnavailable, match="the brakes are NOT on"):
        put_on(place, ON, lambda: open_ledger(place))


def test_brakes_can_be_put_on_when_nothing_can_be_written_any_more(tmp_path: Path) -> None:
    """On a full disk the reason is lost; that they are on is not."""
    place = tmp_path / "ledger.db"
    open_ledger(place).close()
    code = (
        "import resource, sys\n"
        "from daytwo.ledger.brakes import put_on; from daytwo.ledger.database import open_ledger\n"
        "from daytwo.ledger.place import ledger_place; from daytwo.model.brakes import Brakes\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "print(put_on(ledger_place(sys.argv[1]), Brakes('because'), lambda: open_ledger(sys.argv[1])))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(place)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("not in the history")
    found = read_brakes_file(ledger_place(place))
    assert found is not None
    assert "counts as on" in found.why


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"why": 1}', b"\xff\xfe"])
def test_brakes_file_that_cannot_be_read_counts_as_on(tmp_path: Path, content: bytes) -> None:
    """What nobody can read is not off."""
    with open_ledger(tmp_path / "ledger.db") as ledger:
        ledger.place.brakes_file.write_bytes(content)
        found = read_brakes(ledger)
        assert found is not None
        assert "counts as on" in found.why
        ledger.place.brakes_file.unlink()
        ledger.place.brakes_file.mkdir()
        found = read_brakes(ledger)
        assert found is not None
        assert "counts as on" in found.why


def test_brakes_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """A reader that looks all the time sees them off, or on with the whole reason."""
    place = ledger_place(tmp_path / "ledger.db")
    brakes = Brakes("because " * 2_000, "anna")
    writer = (
        "import sys; from pathlib import Path; from daytwo.ledger.small_file import put_file, remove_file\n"
        "for _ in range(300):\n put_file(Path(sys.argv[1]), sys.argv[2], is_durable=False); remove_file(Path(sys.argv[1]))"
    )
    import msgspec

    process = subprocess.Popen([sys.executable, "-c", writer, str(place.brakes_file), msgspec.json.encode(brakes).decode()])
    seen = 0
    while process.poll() is None:
        found = read_brakes_file(place)
        assert found in (None, brakes)
        seen += found is not None
    assert process.returncode == 0
    assert seen > 0


def test_brakes_of_a_database_that_is_away_count_as_on(postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cannot ask whether it may write does not write; on this machine they can be put on all the same."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    url = postgresql.new_database()
    with open_ledger(url, patience=SHORT) as ledger:
        postgresql.stop()
        try:
            found = read_brakes(ledger)
            assert found is not None
            assert found.why.startswith("nobody can see whether the brakes are on")
            told = put_on(ledger.place, ON, lambda: open_ledger(url, patience=SHORT))
            assert told.startswith("only on this machine")
        finally:
            postgresql.start()
        assert read_brakes(ledger) == ON
    postgresql.drop_database(url)
