"""A ledger in a PostgreSQL database: any number of processes, each transaction tried again as a whole when that may help."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import DBAPIError

from daytwo.ledger.place import Place
from daytwo.ledger.unavailable import LedgerBusy, LedgerFull, LedgerUnavailable
from daytwo.model.errors import UsageError
from daytwo.model.remembered import Head

# Serialization failure, deadlock, lock timeout, shutdown (three), idle in a transaction for too long, too many connections, no disk
# cursor: https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING: Final = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "25P03", "53300"})
_LOCKED: Final = frozenset({"40001", "40P01", "55P03"})
_FULL: Final = frozenset({"53100", "53200"})

_SETTINGS: Final = {
    "lock_timeout": "10s",
    # A client that hangs in a transaction keeps others from their rows.
    "idle_in_transaction_session_timeout": "60s",
    # Intents and approvals must survive a crash, whatever the server's default is.
    "synchronous_commit": "on",
    "timezone": "UTC",
}


class PostgresqlStore:
    """How the ledger reaches its database."""

    begin_snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def __init__(self, place: Place, patience: timedelta) -> None:
        self.place = place
        seconds = patience.total_seconds()
        url = make_url(place.url).set(drivername="postgresql+psycopg")
        settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        given = url.query.get("options", "")
        options = f"{given if isinstance(given, str) else ' '.join(given)} {settings}".strip()
        connecting = {
            "connect_timeout": 10,
            "application_name": "daytwo",
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        }
        connecting = {name: value for name, value in connecting.items() if name not in url.query}
        url = url.difference_update_query(["options"])
        try:
            self.writer: Engine = create_engine(url, connect_args={**connecting, "options": options}, pool_timeout=seconds)
            self.reader: Engine = create_engine(
                url,
                connect_args={**connecting, "options": f"{options} -c default_transaction_read_only=on"},
                isolation_level="AUTOCOMMIT",
                pool_pre_ping=True,
                pool_timeout=seconds,
            )
        except ModuleNotFoundError as error:
            raise UsageError(f"{place}: a ledger in PostgreSQL needs psycopg; install it with: pip install 'daytwo[postgres]'") from error

    @property
    def exists(self) -> bool:
        return True

    @contextmanager
    def exclusive(self, deadline: float) -> Iterator[None]:
        """The database itself keeps transactions apart."""
        yield

    def prepare(self) -> None:
        """Nothing to make: the database is its administrator's."""

    def after_commit(self, head: Head | None) -> None:
        """Nothing to do: the server moves its log by itself, and a head beside it would be that of other machines too."""

    def is_passing(self, error: DBAPIError) -> bool:
        """Whether the whole transaction may succeed if it is tried again."""
        state = sqlstate(error)
        return state in _PASSING or state.startswith("08") or error.connection_invalidated or (not state and is_connection_trouble(error))

    def is_unsure(self, error: DBAPIError) -> bool:
        """Whether a COMMIT that raised this may have been done all the same: nobody answered."""
        return error.connection_invalidated or sqlstate(error).startswith(("08", "57P"))

    def explain(self, error: DBAPIError) -> LedgerUnavailable:
        state = sqlstate(error)
        told = " ".join(str(error.orig).split())
        if state in _LOCKED:
            return LedgerBusy(f"{self.place}: others have held what was asked for too long ({told}); try again later")
        if state in _FULL:
            return LedgerFull(f"{self.place}: there is no room; nothing was stored ({told})")
        if state in ("28P01", "28000"):
            return LedgerUnavailable(f"{self.place}: refuses us ({told}); check user and password (PGPASSWORD, ~/.pgpass)")
        if state == "42501":
            return LedgerUnavailable(f"{self.place}: {told}; the ledger's user must own its tables, and may create them in the first run")
        return LedgerUnavailable(f"{self.place}: {told}")

    def close(self, deadline: float) -> None:
        self.reader.dispose()
        self.writer.dispose()


def sqlstate(error: DBAPIError) -> str:
    """The five characters by which PostgreSQL names an error; empty when the connection failed before it could."""
    return getattr(error.orig, "sqlstate", None) or ""


def is_connection_trouble(error: DBAPIError) -> bool:
    import psycopg

    return isinstance(error.orig, psycopg.OperationalError)
