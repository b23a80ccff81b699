"""The tables, and the types of their columns. Times are UTC in microseconds since 1970; documents are JSON text.

A change here is a change of a revision in `migrations/versions`: a test compares them.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    literal,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from daytwo.model.json import Json
from daytwo.model.masking import mask
from daytwo.model.masking_json import mask_json

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """ValueError for a time without a zone: nobody could say when that was."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone")
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    return _EPOCH + count * _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware time, in UTC when it comes back."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_microseconds(value)


class Masked(TypeDecorator[str]):
    """Text, in which everything that looks like a credential is masked before it is written."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean(mask(value))


class Document(TypeDecorator[Json]):
    """A JSON value, kept as text with its keys sorted; what is secret in it is masked before it is written. None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Json, dialect: Dialect) -> str | None:
        return None if value is None else document(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Json:
        return None if value is None else msgspec.json.decode(value)


_encoder = msgspec.json.Encoder(order="deterministic")


def document(value: Json) -> str:
    """JSON text with sorted keys, masked."""
    masked = mask_json(value)
    try:
        return _encoder.encode(masked).decode()
    except UnicodeEncodeError:
        return _encoder.encode(_clean(masked)).decode()


def _clean(value: Json) -> Json:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {clean(key): _clean(one) for key, one in value.items()}
    return value


def clean(text: str) -> str:
    """Text that both databases store and give back as it is: no NUL, nothing that is not Unicode."""
    if "\x00" in text:
        text = text.replace("\x00", "\\0")
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


class _Clock(FunctionElement[int]):
    type = BigInteger()
    inherit_cache = True


@compiles(_Clock, "sqlite")
def _sqlite_clock(element: _Clock, compiler: SQLCompiler, **options: object) -> str:
    # Days since noon of 24 November 4714 BC, told to the millisecond.
    return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000"


@compiles(_Clock, "postgresql")
def _postgresql_clock(element: _Clock, compiler: SQLCompiler, **options: object) -> str:
    # now() would be the start of the transaction.
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"


def clock(after: timedelta = timedelta()) -> ColumnElement[datetime]:
    """The database's clock, in SQL, plus a span: leases are compared and set with it in the statement that writes them."""
    return type_coerce(_Clock() + literal(after // _MICROSECOND, BigInteger), Instant())


# SQLite keeps rows in the order of a key that is INTEGER, not BIGINT.
Number: Final = BigInteger().with_variant(Integer(), "sqlite")

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# -- events: the history ----------------------------------------------------------------------------------------------

event: Final = Table(
    "event",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "about", "seq"),
    Index(None, "at"),
)

# One row: the last event. Locked by whoever appends, so that the order of seq is the order of commits.
head: Final = Table(
    "head",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("seq", Number, nullable=False),
    Column("hash", Text, nullable=False),
)

# Where the chain begins after events were pruned: the last one that is gone.
anchor: Final = Table(
    "anchor",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
)

# -- brakes: on while there is a row; also a file on each machine (brakes.py) ---------------------------------------------

brakes: Final = Table(
    "brakes",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("since", Instant, nullable=False),
    Column("by", Masked, nullable=False),
    Column("why", Masked, nullable=False),
)

# -- memory: what looks concluded (memory.py) -----------------------------------------------------------------------------

# Looks in a row that concluded the same are one row, from `at` until `until`. `problems` holds the ids that were known then.
look: Final = Table(
    "look",
    metadata,
    Column("cluster", Text, primary_key=True),
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("name", Masked, nullable=False),
    Column("at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    Column("by", Masked, nullable=False),
    Column("breadth", Document, nullable=False),
    Column("problems", Text, nullable=False),
    Index(None, "cluster", "at"),
)

episode: Final = Table(
    "episode",
    metadata,
    Column("cluster", Text, primary_key=True),
    Column("problem", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("subject", Masked, nullable=False),
    Column("title", Masked, nullable=False),
    Column("severity", Text, nullable=False),
    Column("horizon", Text, nullable=False),
    Column("cause", Document, nullable=False),
    Column("touched", Document, nullable=False),
    Column("checks", Document, nullable=False),
    Index(None, "cluster", "ended_at"),
)

# -- runs (runs.py): what is to be done, how far it is, who works on it ------------------------------------------------------

# `wake_at` is when a worker may take the run: at once, when its timer is due, or when the lease of its worker is over. Without it only
# a person wakes it. Each worker that takes it has a token of its own; what is written under an older one is refused.
run: Final = Table(
    "run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("cluster", Text, nullable=False),
    Column("cluster_name", Masked, nullable=False),
    Column("context", Text, nullable=False),
    Column("title", Masked, nullable=False),
    Column("why", Masked, nullable=False),
    Column("undoes", Text, nullable=False),
    Column("actor", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("deadline_at", Instant),
    Column("finished_at", Instant),
    Column("state", Text, nullable=False),
    Column("waits_for", Text),
    Column("waiting", Document),
    Column("owner", Text, nullable=False),
    Column("token", Integer, nullable=False),
    Column("wake_at", Instant),
    Index(None, "wake_at"),
    Index(None, "state", "wake_at"),
    Index(None, "waits_for"),
    Index(None, "created_at"),
)

# `target` is the lock that it takes; empty for what has none.
stage: Final = Table(
    "stage",
    metadata,
    Column("run", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("stage", Document, nullable=False),
    Column("target", Text, nullable=False),
    Column("is_withheld", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("detail", Masked, nullable=False),
    Column("due_at", Instant),
    Column("finished_at", Instant),
    Index(None, "target"),
)

# The intent, written before anything is sent; then the outcome.
attempt: Final = Table(
    "attempt",
    metadata,
    Column("run", Text, primary_key=True),
    Column("stage", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("token", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("request", Document),
    Column("generation", BigInteger),
    Column("resource_version", Text, nullable=False),
    Column("outcome", Document),
)

approval: Final = Table(
    "approval",
    metadata,
    Column("run", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("person", Document, nullable=False),
    Column("at", Instant, nullable=False),
    Column("why", Masked, nullable=False),
)

# What people sent; `taken_at` is when it was acted on.
signal: Final = Table(
    "signal",
    metadata,
    Column("run", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("command", Text, nullable=False),
    Column("reply", Text),
    Column("person", Document, nullable=False),
    Column("why", Masked, nullable=False),
    Column("at", Instant, nullable=False),
    Column("taken_at", Instant),
)

# One run at a time works on a target; it gives all back when it is over.
lock: Final = Table(
    "lock",
    metadata,
    Column("target", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Index(None, "run"),
)
