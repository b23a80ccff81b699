"""A glance at what is overdue, for every command's first line: without SQLAlchemy, in about a millisecond, and never an error."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from daytwo.ledger.place import Place

GRACE: Final = timedelta(seconds=5)
"""A worker that lives looks at what is due sooner than this."""

_CONNECT_SECONDS: Final = 2
_BUSY_SECONDS: Final = 0.05

# Due, and nobody has taken it: a lease that is renewed is never due.
_DUE: Final = "FROM run WHERE wake_at < {now} - {grace} AND (waits_for IS NULL OR waits_for <> 'brakes')"
_QUERY: Final = f"SELECT id, title, waits_for, wake_at, (SELECT count(*) {_DUE}) {_DUE} ORDER BY wake_at LIMIT 1"
_SQLITE_NOW: Final = "(julianday('now') - 2440587.5) * 86400000000"
_POSTGRESQL_NOW: Final = "EXTRACT(EPOCH FROM clock_timestamp()) * 1000000"


@dataclass(frozen=True, slots=True)
class Overdue:
    """The run that has been due for longest without anybody working on it, and how many there are.

    `is_timer`: it waits for a point in time that has passed, such as that of `--for 30m`.
    """

    run: str
    title: str
    since: datetime
    is_timer: bool
    count: int


def glance(place: Place) -> Overdue | None:
    """What is overdue there; None too where there is no ledger, or none that can be read within two seconds."""
    row = _of_postgresql(place.url) if place.is_postgresql else _of_sqlite(place)
    if row is None:
        return None
    run, title, waits_for, due, count = row
    return Overdue(run, title, datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=due), waits_for == "timer", count)


_Row = tuple[str, str, str | None, int, int]


def _query(now: str) -> str:
    return _QUERY.format(now=now, grace=GRACE // timedelta(microseconds=1))


def _of_sqlite(place: Place) -> _Row | None:
    if not place.path.exists():
        return None
    import sqlite3

    try:
        connection = sqlite3.connect(f"{place.path.as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
        try:
            row: _Row | None = connection.execute(_query(_SQLITE_NOW)).fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        # Damaged, locked, of an older daytwo: the command that needs it says so.
        return None
    return row


def _of_postgresql(url: str) -> _Row | None:
    try:
        import psycopg
    except ModuleNotFoundError:
        return None
    options = f"-c statement_timeout={_CONNECT_SECONDS}s -c default_transaction_read_only=on"
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS, options=options, autocommit=True) as connection:
            row: _Row | None = connection.execute(_query(_POSTGRESQL_NOW).encode()).fetchone()
    except psycopg.Error:
        return None
    return row
