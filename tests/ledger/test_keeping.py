"""Pruning keeps the chain provable; export and backup hold everything; a backup can be put back, on either database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from daytwo.ledger.brakes import read_brakes
from daytwo.ledger.database import Ledger, open_ledger
from daytwo.ledger.keeping import back_up, export, exported_head, prune, restore
from daytwo.ledger.proof import prove
from daytwo.model.errors import UsageError
from daytwo.model.remembered import Head, parse_head
from tests.conftest import NewLedger
from tests.ledger.test_events import append, events_of
from tests.ledger.test_proof import Tamper, tamper  # noqa: F401 - a fixture

TOMORROW = timedelta(days=1)


def test_pruned_chain_is_still_proven(ledger: Ledger) -> None:
    """What is left begins after the anchor, and the pruning is itself an event."""
    append(ledger, 5)
    boundary = events_of(ledger)[-1].at + timedelta(seconds=1)
    old = ledger.head()
    pruned = prune(ledger, boundary, "anna")
    assert (pruned.count, pruned.through) == (5, old)
    append(ledger, 2)
    assert [one.kind for one in events_of(ledger)] == ["ledger_pruned", "step_finished", "step_finished"]
    proof = prove(ledger, [old, ledger.head()])
    assert proof.fault is None
    assert (proof.start, proof.count) == (old, 3)


def test_pruning_again_moves_the_start(ledger: Ledger) -> None:
    """The anchor of the last pruning is the one that counts, and the only one that is kept."""
    for _ in range(3):
        append(ledger, 3)
        prune(ledger, datetime.now(UTC) + TOMORROW, "anna")
    assert prove(ledger).fault is None
    with ledger.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM anchor")).scalar_one() == 1
    assert ledger.head().seq == 12


def test_nothing_old_is_nothing_pruned(ledger: Ledger) -> None:
    """Events that are younger stay, and no event tells of a pruning that was none."""
    append(ledger, 3)
    assert prune(ledger, datetime.now(UTC) - TOMORROW, "anna").count == 0
    assert len(events_of(ledger)) == 3


def test_heads_from_before_the_pruning_cannot_be_compared(ledger: Ledger) -> None:
    """They are told apart: neither proven nor a fault."""
    append(ledger, 2)
    kept = ledger.head()
    append(ledger, 2)
    prune(ledger, datetime.now(UTC) + TOMORROW, "anna")
    proof = prove(ledger, [kept])
    assert proof.fault is None
    assert proof.too_old == (kept,)


def test_tampered_history_is_not_pruned(ledger: Ledger, tamper: Tamper) -> None:  # noqa: F811
    """Pruning would remove the proof that somebody tampered."""
    append(ledger, 3)
    tamper("UPDATE event SET actor = 'eve' WHERE seq = 2")
    with pytest.raises(UsageError, match="nothing was pruned, because the history is not whole: event 2 was changed"):
        prune(ledger, datetime.now(UTC) + TOMORROW, "anna")
    assert len(events_of(ledger)) == 3


def test_export_holds_every_event_and_ends_with_the_head(ledger: Ledger, tmp_path: Path) -> None:
    """One line for each event, and a last line that `verify --head` takes."""
    append(ledger, 4)
    lines = list(export(ledger))
    assert msgspec.json.decode(lines[0]) == {"format": "daytwo.ledger/v1", "start": str(Head())}
    assert [msgspec.json.decode(line)["seq"] for line in lines[1:-1]] == [1, 2, 3, 4]
    file = tmp_path / "history.jsonl"
    file.write_text("".join(lines))
    assert parse_head(exported_head(file)) == ledger.head()


def test_half_an_export_names_no_head(ledger: Ledger, tmp_path: Path) -> None:
    """An export that was cut off proves nothing, and says so."""
    append(ledger, 4)
    file = tmp_path / "history.jsonl"
    file.write_text("".join(list(export(ledger))[:-1]))
    with pytest.raises(ValueError, match="does not end with a head"):
        exported_head(file)


def test_backup_is_a_ledger_and_can_be_put_back(ledger: Ledger, new_ledger: NewLedger, tmp_path: Path, ledger_name: str) -> None:
    """A backup of either database is one file; put back into an empty ledger, it is the same history, with the brakes on."""
    append(ledger, 4)
    head = back_up(ledger, tmp_path / "backup.db")
    assert head == ledger.head()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith((".", "backup"))) == ["backup.db"]

    with open_ledger(tmp_path / "other.db") as other:
        restore(other, tmp_path / "backup.db", "anna")
        assert events_of(other)[:4] == events_of(ledger)
        assert [one.kind for one in events_of(other)[4:]] == ["brakes_put_on", "ledger_restored"]
        assert prove(other, [head]).fault is None
        assert read_brakes(other) is not None


def test_backup_is_put_back_into_the_same_kind_of_database(ledger: Ledger, ledger_name: str, tmp_path: Path) -> None:
    """An empty ledger takes the backup of an SQLite ledger, on either database, and goes on from there."""
    with open_ledger(tmp_path / "source.db") as source:
        append(source, 3)
        back_up(source, tmp_path / "backup.db")
        kept = source.head()
    restore(ledger, tmp_path / "backup.db", "anna")
    append(ledger, 1)
    assert ledger.head().seq == 6
    assert prove(ledger, [kept]).fault is None
    brakes = read_brakes(ledger)
    assert brakes is not None
    assert "backup.db" in brakes.why


def test_ledger_with_events_takes_no_backup(ledger: Ledger, tmp_path: Path) -> None:
    """Two histories cannot be one."""
    append(ledger, 1)
    back_up(ledger, tmp_path / "backup.db")
    with pytest.raises(UsageError, match="has events already"):
        restore(ledger, tmp_path / "backup.db", "anna")
    assert read_brakes(ledger) is None


def test_backup_overwrites_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """A file that is there may be the only good backup."""
    (tmp_path / "backup.db").write_text("precious")
    with pytest.raises(UsageError, match="is there already"):
        back_up(ledger, tmp_path / "backup.db")


def test_ledger_put_back_by_hand_is_older_than_its_head(tmp_path: Path) -> None:
    """A copy of an older file holds a chain that is valid but shorter; the head beside it tells."""
    from daytwo.ledger.head_file import read_head_file

    place = tmp_path / "ledger.db"
    with open_ledger(place) as ledger:
        append(ledger, 3)
        back_up(ledger, tmp_path / "old.db")
        append(ledger, 3)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"ledger.db{suffix}").unlink(missing_ok=True)
    (tmp_path / "old.db").replace(place)
    with open_ledger(place) as ledger:
        kept = read_head_file(ledger.place.head_file)
        assert kept is not None
        fault = prove(ledger, [kept]).fault
    assert fault is not None
    assert "older than the head 6" in fault.text


def test_long_history_is_proven_in_pages(tmp_path: Path) -> None:
    """The walk goes over the edges of its pages."""
    with open_ledger(tmp_path / "ledger.db") as ledger:

        def many(tx: object) -> None:
            from daytwo.ledger.database import Transaction

            assert isinstance(tx, Transaction)
            for number in range(12_000):
                tx.append("anna", "run-1", "step_finished", {"number": number})

        ledger.transact(many)
        proof = prove(ledger)
        assert (proof.fault, proof.count) == (None, 12_000)
        assert sum(1 for _ in export(ledger)) == 12_002
