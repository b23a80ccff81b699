"""A ledger in an SQLite file: one writer at a time among all processes, by a lock of the system's beside the file.

That lock is held for each write transaction, checkpoint and close, and released: SQLite before 3.51.3 can damage a file when
two connections write and checkpoint at once, and a process that holds the lock never waits for anything else.
"""

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from daytwo.ledger.head_file import read_head_file, write_head_file
from daytwo.ledger.place import Place
from daytwo.ledger.unavailable import LedgerBusy, LedgerFull, LedgerUnavailable
from daytwo.model.remembered import Head

WAL_BYTES: Final = 4_000_000
"""A write-ahead log larger than this is moved into the database."""

_LONGEST_BUSY_SECONDS: Final = 5.0
_FIRST_PAUSE_SECONDS: Final = 0.0005
_LONGEST_PAUSE_SECONDS: Final = 0.005


class FileLock:
    """Excludes other processes by flock(2), and other threads of this one. The kernel releases it when its holder dies."""

    def __init__(self, path: Path, random: Random) -> None:
        self._path = path
        self._random = random
        self._threads = threading.Lock()
        self._descriptor: int | None = None

    @contextmanager
    def held(self, deadline: float) -> Iterator[None]:
        """Waits until `deadline` (time.monotonic) for the lock. LedgerBusy when others have it for that long."""
        if not self._threads.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise self._busy()
        try:
            self._wait(self._opened(), deadline)
            try:
                yield
            finally:
                fcntl.flock(self._opened(), fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _wait(self, descriptor: int, deadline: float) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise self._busy() from None
                time.sleep(pause * self._random.uniform(0.5, 1.0))
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            except OSError as error:
                raise LedgerUnavailable(
                    f"{self._path}: no file locks here ({error.strerror}); keep the ledger on a local disk, or in PostgreSQL"
                ) from error
            else:
                return

    def _opened(self) -> int:
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise LedgerUnavailable(f"{self._path}: cannot be written ({error.strerror}); name another place with --ledger") from error
        return self._descriptor

    def _busy(self) -> LedgerBusy:
        return LedgerBusy(f"{self._path}: another process has held the ledger for too long; try again when it is done")

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class SqliteStore:
    """How the ledger reaches its file."""

    begin_snapshot = "BEGIN"

    def __init__(self, place: Place, patience: timedelta, random: Random) -> None:
        self.place = place
        # For other programs; of ours only one has the lock.
        self._busy_milliseconds = int(min(_LONGEST_BUSY_SECONDS, patience.total_seconds()) * 1_000)
        self._lock = FileLock(place.lock_file, random)
        # One connection writes, and it lives on: closing the last one is a checkpoint.
        self.writer: Engine = create_engine("sqlite://", creator=self._connect, poolclass=QueuePool, pool_size=1, max_overflow=0)
        self.reader: Engine = create_engine(
            "sqlite://",
            creator=self._connect_reader,
            poolclass=QueuePool,
            pool_timeout=patience.total_seconds(),
            isolation_level="AUTOCOMMIT",
        )
        event.listen(self.writer, "begin", _begin)
        event.listen(self.writer, "before_cursor_execute", _refuse_when_dead)
        event.listen(self.writer, "commit", _refuse_when_rolled_back)
        event.listen(self.writer, "handle_error", _note_why)
        self._next_checkpoint_bytes = WAL_BYTES

    @property
    def exists(self) -> bool:
        """An empty file is what somebody leaves who was killed while making one."""
        try:
            return self.place.path.is_file() and self.place.path.stat().st_size > 0
        except OSError:
            return False

    @contextmanager
    def exclusive(self, deadline: float) -> Iterator[None]:
        with self._lock.held(deadline):
            yield

    def prepare(self) -> None:
        """Makes the folder and the file, readable by their owner only."""
        path = self.place.path
        if path.is_dir():
            raise LedgerUnavailable(f"{path}: is a folder; name a file with --ledger, such as {path}/ledger.db")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise LedgerUnavailable(f"{path}: cannot be made ({error.strerror}); name another place with --ledger") from error

    def after_commit(self, head: Head | None) -> None:
        """Called under the lock after each commit. What fails here changes nothing about that commit."""
        with suppress(sqlite3.Error, DBAPIError, OSError):
            if head is not None:
                self._keep_head(head)
            self._move_log()

    def _keep_head(self, head: Head) -> None:
        """Keeps the new head beside the ledger, unless the one kept there is not of this chain: that is evidence."""
        kept = read_head_file(self.place.head_file)
        if kept is not None and kept.seq:
            with self._driver() as driver:
                found = driver.execute("SELECT hash FROM event WHERE seq = ?", (kept.seq,)).fetchone()
                is_pruned = driver.execute("SELECT 1 FROM anchor WHERE seq >= ?", (kept.seq,)).fetchone() is not None
            if not is_pruned and (found is None or found[0] != kept.hash):
                return
        write_head_file(self.place.head_file, head)

    def _move_log(self) -> None:
        """Moves a large log into the database, unless somebody reads just now."""
        size = self._log_bytes()
        if size < self._next_checkpoint_bytes:
            return
        with self._driver() as driver:
            driver.execute("PRAGMA busy_timeout = 0")
            try:
                is_blocked = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                driver.execute(f"PRAGMA busy_timeout = {self._busy_milliseconds}")
        self._next_checkpoint_bytes = size + WAL_BYTES if is_blocked else WAL_BYTES

    def is_passing(self, error: DBAPIError) -> bool:
        """Never: with the lock held nobody else writes, and busy_timeout has been waited for already."""
        return False

    def is_unsure(self, error: DBAPIError) -> bool:
        """Never: a commit that raises was not made."""
        return False

    def explain(self, error: DBAPIError) -> LedgerUnavailable:
        return self._explain(error.orig)

    def _explain(self, error: BaseException | None) -> LedgerUnavailable:
        path = self.place.path
        name: str = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return LedgerBusy(f"{path}: another program has the ledger open and holds it; close that, then try again")
        if name == "SQLITE_FULL":
            return LedgerFull(f"{path}: there is no room; nothing was stored. Make room on that disk, then try again")
        if name in ("SQLITE_NOTADB", "SQLITE_CORRUPT") or name.startswith("SQLITE_CORRUPT"):
            return LedgerUnavailable(
                f"{path}: is no ledger, or is damaged ({error}); name another place with --ledger, or put back a backup"
            )
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
            return LedgerUnavailable(f"{path}: cannot be opened for this ({error}); name another place with --ledger")
        return LedgerUnavailable(f"{path}: {error}")

    def close(self, deadline: float) -> None:
        """Closes all connections; the last one of all processes is a checkpoint, so it is done under the lock."""
        self.reader.dispose()
        pool = self.writer.pool
        assert isinstance(pool, QueuePool)
        # A process that only read has nothing to close. One that does not get the lock leaves it open.
        if pool.checkedin():
            with suppress(LedgerUnavailable), self._lock.held(deadline):
                self.writer.dispose()
        self._lock.close()

    @contextmanager
    def _driver(self) -> Iterator[sqlite3.Connection]:
        """The writing connection itself, for what is done outside a transaction."""
        with self.writer.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            yield driver

    def _connect(self) -> sqlite3.Connection:
        # rw: a file that vanished is an error, not a new, empty ledger.
        connection = sqlite3.connect(
            f"{self.place.path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._busy_milliseconds / 1_000,
            isolation_level=None,
            check_same_thread=False,
        )
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 0", "foreign_keys = ON", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _connect_reader(self) -> sqlite3.Connection:
        # ro: closing such a connection is never a checkpoint.
        mode = "mode=ro&immutable=1" if self._is_at_rest() else "mode=ro"
        connection = sqlite3.connect(
            f"{self.place.path.as_uri()}?{mode}",
            uri=True,
            timeout=self._busy_milliseconds / 1_000,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _is_at_rest(self) -> bool:
        """Whether the file is whole by itself in a folder that we may not write to, where SQLite cannot coordinate with writers."""
        folder = self.place.path.parent
        is_writable = os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
        return not is_writable and not self._log_bytes()

    def _log_bytes(self) -> int:
        try:
            return self.place.path.with_name(f"{self.place.path.name}-wal").stat().st_size
        except FileNotFoundError:
            return 0


def _begin(connection: Connection) -> None:
    # A deferred BEGIN that writes later fails at once when somebody else has written meanwhile; this one waits.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _refuse_when_dead(
    connection: Connection, cursor: sqlite3.Cursor, statement: str, parameters: object, context: object, is_many: bool
) -> None:
    """After a full disk SQLite has rolled back by itself; the next statement would be stored on its own, whatever is said later."""
    if statement != "BEGIN IMMEDIATE":
        _refuse_when_rolled_back(connection)


def _refuse_when_rolled_back(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    if not driver.in_transaction:
        why: str = connection.info.get("why", "SQLite rolled the transaction back")
        raise (LedgerFull if "full" in why else LedgerUnavailable)(f"the ledger: {why}; nothing of this transaction was stored")


def _note_why(context: object) -> None:
    connection = getattr(context, "connection", None)
    if isinstance(connection, Connection):
        connection.info["why"] = str(getattr(context, "original_exception", ""))
