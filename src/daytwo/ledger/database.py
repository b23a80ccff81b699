"""The ledger opened: transactions that write work rows and their events together, and short reads beside them."""

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Final, Generic, Protocol, Self, TypeVar

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from daytwo.ledger.appending import Appending
from daytwo.ledger.migrations import REVISIONS, VERSION_TABLE, migrate
from daytwo.ledger.place import Place, ledger_place
from daytwo.ledger.tables import clock, event, head
from daytwo.ledger.unavailable import LedgerBusy, LedgerUnavailable
from daytwo.model.errors import UsageError
from daytwo.model.json import Json
from daytwo.model.remembered import Head

T = TypeVar("T")

PATIENCE: Final = timedelta(seconds=30)
"""How long a transaction waits for others, and for a database that restarts."""

_FIRST_PAUSE_SECONDS: Final = 0.01
_LONGEST_PAUSE_SECONDS: Final = 0.5
_CLOSING_SECONDS: Final = 5.0

_NOT_THERE: Final = "{}: there is no ledger yet; a review of a cluster or an action makes it"
_CROWDED: Final = "{}: all connections of this process have been in use for too long; try again with less at once"

_MIGRATION_LOCK: Final = 0x6461_7974_776F  # "daytwo"; an advisory lock is named by a number


class Store(Protocol):
    """One kind of database. `exclusive` and `after_commit` surround each write transaction; `deadline` is by time.monotonic."""

    writer: Engine
    reader: Engine
    begin_snapshot: str

    @property
    def exists(self) -> bool: ...
    def exclusive(self, deadline: float) -> AbstractContextManager[None]: ...
    def prepare(self) -> None: ...
    def after_commit(self, head: Head | None) -> None: ...
    def is_passing(self, error: DBAPIError) -> bool: ...
    def is_unsure(self, error: DBAPIError) -> bool: ...
    def explain(self, error: DBAPIError) -> LedgerUnavailable: ...
    def close(self, deadline: float) -> None: ...


class Transaction:
    """One write transaction: all of it is stored, or nothing. It may be run again from its start, so it must not have other effects."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._appending = Appending(connection)
        self._now: datetime | None = None

    def now(self) -> datetime:
        """The database's clock when this transaction first asked. Leases are compared in SQL instead, by `tables.clock()`."""
        if self._now is None:
            self._now = self.connection.scalar(select(clock()))
            assert self._now is not None
        return self._now

    def append(self, actor: str, about: str, kind: str, data: dict[str, Json] | None = None) -> None:
        """Adds an event; it gets its place in the chain when the transaction ends. What is secret in it is masked."""
        self._appending.add(actor, about, kind, data or {})

    def finish(self) -> Head | None:
        """Chains the events; called once, by the ledger. None when there are none."""
        return self._appending.finish(self._now)


@dataclass(frozen=True, slots=True)
class _Attempt(Generic[T]):
    """One run of a transaction. `doubt`: the connection was lost at COMMIT, so that whether it was stored must be looked up by `head`."""

    result: T
    head: Head | None
    doubt: DBAPIError | None = None


class Ledger:
    """An open ledger. For any number of threads; `close` it, or use it as a context manager."""

    def __init__(self, place: Place, store: Store, patience: timedelta = PATIENCE, random: Random | None = None) -> None:
        self.place = place
        self._store = store
        self._patience_seconds = patience.total_seconds()
        self._random = random or Random()
        self._inside = threading.local()
        # A checkpoint at exit must be under the lock too, also for who forgets to close.
        self._finalizer = weakref.finalize(self, _close, store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._finalizer()

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` as one write transaction and returns what it returns.

        `work` may be run several times, each time from the start and with nothing of the time before stored: on PostgreSQL a
        deadlock, a lost connection or a restart of the server is met by doing it again. When the connection is lost at COMMIT, the
        event it appended tells whether it was stored; without an event it is done again, so it must then be safe to repeat.
        It must neither wait for anything outside nor call a cluster: others wait for it.

        Raises LedgerBusy, LedgerFull or LedgerUnavailable when it was not stored; IntegrityError passes through.
        """
        if getattr(self._inside, "transaction", False):
            raise RuntimeError("a transaction was begun inside another one of the same thread")
        self._inside.transaction = True
        try:
            return self._transact(work)
        finally:
            self._inside.transaction = False

    def _transact(self, work: Callable[[Transaction], T]) -> T:
        deadline = self._deadline()
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                attempt = self._once(work, deadline)
                if attempt.doubt is None or self._is_stored(attempt.head, attempt.doubt, deadline):
                    return attempt.result
            except IntegrityError:
                raise
            except NoConnectionFree as error:
                raise LedgerBusy(_CROWDED.format(self.place)) from error
            except DBAPIError as error:
                if not self._store.is_passing(error) or time.monotonic() >= deadline:
                    raise self._store.explain(error) from error
            time.sleep(pause * self._random.uniform(0.5, 1.0))
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that cannot write. Each statement sees what is committed when it begins; keep it short."""
        try:
            with self._store.reader.connect() as connection:
                yield connection
        except NoConnectionFree as error:
            raise LedgerBusy(_CROWDED.format(self.place)) from error
        except DBAPIError as error:
            raise self._store.explain(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Like `read`, but everything is as it was at one moment. For copies; others' logs grow meanwhile."""
        with self.read() as connection:
            connection.exec_driver_sql(self._store.begin_snapshot)
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def head(self) -> Head:
        """The newest event's place in the chain."""
        with self.read() as connection:
            row = connection.execute(select(head.c.seq, head.c.hash)).one()
        return Head(row.seq, row.hash)

    def _deadline(self) -> float:
        return time.monotonic() + self._patience_seconds

    def _once(self, work: Callable[[Transaction], T], deadline: float) -> _Attempt[T]:
        with self._store.exclusive(deadline), self._store.writer.connect() as connection:
            with connection.begin() as begun:
                transaction = Transaction(connection)
                result = work(transaction)
                head = transaction.finish()
                try:
                    begun.commit()
                except DBAPIError as error:
                    if not self._store.is_unsure(error):
                        raise
                    return _Attempt(result, head, error)
            connection.close()
            self._store.after_commit(head)
            return _Attempt(result, head)

    def _is_stored(self, wanted: Head | None, doubt: DBAPIError, deadline: float) -> bool:
        """Whether the transaction that ended in this head was committed. LedgerUnavailable when nobody can say in time."""
        if wanted is None:
            return False
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                with self._store.writer.connect() as connection, connection.begin():
                    # Whoever committed at the other end of the lost connection holds this row until it is done.
                    connection.execute(select(head.c.seq).with_for_update())
                    found = connection.scalar(select(event.c.hash).where(event.c.seq == wanted.seq))
                    return found == wanted.hash
            except DBAPIError as error:
                if not self._store.is_passing(error) or time.monotonic() >= deadline:
                    told = self._store.explain(doubt)
                    raise LedgerUnavailable(
                        f"{told}; whether the last write was stored is not known: look with `daytwo ledger tail` before doing it again"
                    ) from error
            time.sleep(pause * self._random.uniform(0.5, 1.0))
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def open_ledger(
    name: str | Path | Place | None = None, *, patience: timedelta = PATIENCE, random: Random | None = None, is_made: bool = True
) -> Ledger:
    """Opens the ledger at `name`: a path, `postgresql://…`, or None for the user's own; makes or migrates it first if need be.

    With `is_made` False a ledger that is not there is LedgerUnavailable, and nothing is made.
    UsageError when a newer daytwo wrote it.
    """
    place = name if isinstance(name, Place) else ledger_place(name)
    random = random or Random()
    store = _store(place, patience, random)
    if not is_made and not store.exists:
        raise LedgerUnavailable(_NOT_THERE.format(place))
    ledger = Ledger(place, store, patience, random)
    try:
        _bring_up_to_date(ledger, store, place, is_made=is_made)
    except BaseException:
        ledger.close()
        raise
    return ledger


def _store(place: Place, patience: timedelta, random: Random) -> Store:
    if place.is_postgresql:
        from daytwo.ledger.postgresql import PostgresqlStore

        return PostgresqlStore(place, patience)
    from daytwo.ledger.sqlite import SqliteStore

    return SqliteStore(place, patience, random)


def _bring_up_to_date(ledger: Ledger, store: Store, place: Place, *, is_made: bool) -> None:
    if store.exists:
        with ledger.read() as connection:
            revision = _revision(connection, place)
        if revision == REVISIONS[-1]:
            return
        if revision is None and not is_made:
            raise LedgerUnavailable(_NOT_THERE.format(place))
    store.prepare()

    def upgrade(transaction: Transaction) -> None:
        connection = transaction.connection
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION_LOCK})
        if _revision(connection, place) != REVISIONS[-1]:
            migrate(connection)

    ledger.transact(upgrade)


def _revision(connection: Connection, place: Place) -> str | None:
    """Which revision the tables are of; None for an empty database. UsageError for one that is not ours to write to."""
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        if tables:
            raise LedgerUnavailable(
                f"{place}: holds tables that are not a ledger's ({', '.join(sorted(tables)[:3])}); name an empty database with --ledger"
            )
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    if revision is not None and revision not in REVISIONS:
        raise UsageError(f"{place}: was written by a newer daytwo (tables of revision {revision}); upgrade daytwo to use it")
    return revision


def _close(store: Store) -> None:
    store.close(time.monotonic() + _CLOSING_SECONDS)
