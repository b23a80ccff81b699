"""SQLite: a full disk, locks of others, folders and files that are not as they should be. Each is told, and nothing is half done."""

import os
import pwd
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import Pool

from daytwo.ledger.database import Ledger, Transaction, open_ledger
from daytwo.ledger.place import Place
from daytwo.ledger.proof import prove
from daytwo.ledger.unavailable import LedgerBusy, LedgerFull, LedgerUnavailable
from daytwo.model.errors import UsageError
from tests.ledger.test_events import append, events_of
from tests.servers.polling import until

SHORT = timedelta(milliseconds=200)


@contextmanager
def room_for(pages: int) -> Iterator[None]:
    """Connections made meanwhile find no room beyond this many pages of the database."""

    def limit(connection: sqlite3.Connection, record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    listen(Pool, "connect", limit)
    try:
        yield
    finally:
        remove(Pool, "connect", limit)


def pages_of(place: Path) -> int:
    with closing(sqlite3.connect(place)) as connection:
        count: int = connection.execute("PRAGMA page_count").fetchone()[0]
        return count


def test_disk_that_fills_up_at_any_write_stores_whole_transactions(tmp_path: Path) -> None:
    """Wherever the room ends, what was acknowledged is there, the rest is not, and the history holds."""
    done = 0
    fresh = tmp_path / "fresh.db"
    open_ledger(fresh).close()
    least = pages_of(fresh)
    for spare in range(12):
        place = tmp_path / f"{spare}.db"
        open_ledger(place).close()
        done = 0
        with room_for(least + spare), open_ledger(place) as ledger:

            def work(tx: Transaction) -> None:
                for kind in ("step_started", "step_finished"):
                    tx.append("anna", "run-1", kind, {"detail": "x" * 700})

            def fill(ledger: Ledger = ledger) -> None:
                nonlocal done
                while True:
                    ledger.transact(work)
                    done += 1

            with pytest.raises(LedgerFull, match="there is no room; nothing was stored"):
                fill()
            assert len(events_of(ledger)) == 2 * done
            assert prove(ledger).fault is None
        with open_ledger(place) as ledger:
            append(ledger, 1)
            assert len(events_of(ledger)) == 2 * done + 1
            assert prove(ledger).fault is None


def test_ledger_that_finds_no_room_is_made_later(tmp_path: Path) -> None:
    """The tables come whole or not at all; with room again the next one makes them."""
    place = tmp_path / "ledger.db"
    for pages in (1, 2, 3, 5):
        with room_for(pages), pytest.raises(LedgerFull):
            open_ledger(place)
    with open_ledger(place) as ledger:
        append(ledger, 1)


def test_statement_after_a_full_disk_is_not_stored_on_its_own(tmp_path: Path) -> None:
    """SQLite has rolled back by itself; what a caller who swallowed that writes next must not be there alone."""
    place = tmp_path / "ledger.db"
    open_ledger(place).close()
    with room_for(pages_of(place) + 1), open_ledger(place) as ledger:

        def stubborn(tx: Transaction) -> None:
            with pytest.raises(OperationalError):
                tx.connection.execute(text("INSERT INTO event VALUES (99, 0, '', '', '', :data, '')"), {"data": "x" * 1_000_000})
            tx.connection.execute(text("INSERT INTO anchor VALUES (1, '')"))

        def swallowing(tx: Transaction) -> None:
            with pytest.raises(OperationalError):
                tx.connection.execute(text("INSERT INTO event VALUES (99, 0, '', '', '', :data, '')"), {"data": "x" * 1_000_000})

        for work in (stubborn, swallowing):
            with pytest.raises(LedgerFull, match="nothing of this transaction was stored"):
                ledger.transact(work)
        with ledger.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM anchor")).scalar_one() == 0
        ledger.transact(lambda tx: tx.append("anna", "run-1", "step_started"))
        assert prove(ledger).count == 1


def test_lock_held_by_another_process_is_told(tmp_path: Path) -> None:
    """Whoever waits longer than its patience says so; once the other is gone the same ledger writes."""
    place = tmp_path / "ledger.db"
    open_ledger(place).close()
    holder = subprocess.Popen(
        [sys.executable, "-c", "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, 2); print('held', flush=True); sys.stdin.read()",
         f"{place}.lock"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with holder, open_ledger(place, patience=SHORT) as ledger:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LedgerBusy, match="another process has held the ledger for too long"):
            append(ledger, 1)
        assert events_of(ledger) == []
        holder.kill()
        holder.wait()
        append(ledger, 1)


def test_other_program_that_writes_is_told(tmp_path: Path) -> None:
    """The sqlite3 shell does not know our lock; it is waited for, and then named."""
    place = tmp_path / "ledger.db"
    with open_ledger(place, patience=SHORT) as ledger, closing(sqlite3.connect(place, isolation_level=None)) as shell:
        shell.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusy, match="another program has the ledger open"):
            append(ledger, 1)
        shell.execute("ROLLBACK")
        append(ledger, 1)


def test_file_that_is_no_database_is_told_and_left(tmp_path: Path) -> None:
    """A wrong name must not destroy somebody's file."""
    place = tmp_path / "notes.txt"
    place.write_text("not a database at all, but long enough to be looked at as one\n" * 40)
    before = place.read_bytes()
    with pytest.raises(LedgerUnavailable, match=r"notes.txt: is no ledger, or is damaged .*name another place with --ledger"):
        open_ledger(place)
    assert place.read_bytes() == before


def test_damaged_ledger_is_told(tmp_path: Path) -> None:
    """A page overwritten by something else: reading and writing say so."""
    place = tmp_path / "ledger.db"
    with open_ledger(place) as ledger:
        append(ledger, 200)
    with place.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(3 * 4096))
    with pytest.raises(LedgerUnavailable, match="damaged"), open_ledger(place) as ledger:
        prove(ledger)


@pytest.mark.parametrize("name", ["/proc/nobody/ledger.db", "/dev/null/ledger.db"])
def test_place_that_cannot_be_made_is_told(name: str) -> None:
    """The folder's reason, and what to do."""
    with pytest.raises(LedgerUnavailable, match=r"cannot be made \(.*\); name another place with --ledger"):
        open_ledger(name)


def test_folder_as_a_ledger_is_told(tmp_path: Path) -> None:
    """A folder is no file."""
    with pytest.raises(LedgerUnavailable, match=r"is a folder; name a file with --ledger, such as .*/ledger.db"):
        open_ledger(tmp_path)


def test_unknown_kind_of_ledger_is_told() -> None:
    """Only files and PostgreSQL are ledgers; the message says how they are written."""
    with pytest.raises(UsageError, match=r"mysql:// is no ledger; name a file, or postgresql://USER@HOST/DATABASE"):
        open_ledger("mysql://root@localhost/ledger")


@contextmanager
def somebody_else() -> Iterator[None]:
    """As a user whom file permissions bind: root may do anything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


def test_ledger_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    """Showing and proving need no right to write; writing says which is missing."""
    folder = tmp_path / "kept"
    folder.mkdir()
    with open_ledger(folder / "ledger.db") as ledger:
        append(ledger, 3)
    for path in (tmp_path, *tmp_path.parents):
        if path != Path("/tmp") and path.owner() == pwd.getpwuid(os.getuid()).pw_name and path.is_relative_to("/tmp"):
            path.chmod(path.stat().st_mode | 0o011)
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    try:
        with somebody_else(), open_ledger(folder / "ledger.db", patience=SHORT) as ledger:
            assert len(events_of(ledger)) == 3
            assert prove(ledger).fault is None
            with pytest.raises(LedgerUnavailable, match="cannot be written"):
                append(ledger, 1)
    finally:
        folder.chmod(0o755)


def test_large_log_is_moved_into_the_database(tmp_path: Path) -> None:
    """The write-ahead log does not grow for ever; while somebody reads, it waits."""
    place = tmp_path / "ledger.db"
    log = tmp_path / "ledger.db-wal"

    def big(tx: Transaction) -> None:
        tx.append("anna", "run-1", "step_finished", {"lines": ["a line of a log that goes on and on"] * 3_000})

    with open_ledger(place) as ledger:
        sizes = []
        for _ in range(60):
            ledger.transact(big)
            sizes.append(log.stat().st_size)
        assert max(sizes) < 6_000_000
        assert 0 in sizes
        with ledger.snapshot() as connection:
            connection.execute(text("SELECT count(*) FROM event"))
            for _ in range(60):
                ledger.transact(big)
            assert log.stat().st_size > 6_000_000
        for _ in range(40):
            ledger.transact(big)
        assert log.stat().st_size < 6_000_000
    until(lambda: not log.exists() or log.stat().st_size == 0, "the log to be empty")


def test_only_its_owner_may_read_the_ledger(tmp_path: Path) -> None:
    """What happened to a cluster is nobody else's business."""
    place = Place(tmp_path / "state" / "ledger.db")
    with open_ledger(place) as ledger:
        append(ledger, 1)
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in place.path.parent.iterdir()}
    assert set(modes.values()) == {"0o600"}
    assert oct(place.path.parent.stat().st_mode & 0o777) == "0o700"


def test_vanished_file_is_no_new_ledger(tmp_path: Path) -> None:
    """A ledger whose file was removed under it does not begin a new history in silence."""
    place = tmp_path / "ledger.db"
    open_ledger(place).close()
    with open_ledger(place) as ledger:
        place.unlink()
        with pytest.raises(LedgerUnavailable):
            append(ledger, 1)
    assert not place.exists()
