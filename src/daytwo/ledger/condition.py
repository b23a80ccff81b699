"""How a ledger is: which tables it has, how far its history goes, how much room it takes."""

from dataclasses import dataclass

from sqlalchemy import text

from daytwo.ledger.database import Ledger
from daytwo.ledger.migrations import VERSION_TABLE
from daytwo.model.remembered import Head


@dataclass(frozen=True, slots=True)
class Condition:
    """`revision` names the tables; of PostgreSQL, `size_bytes` is that of the whole database."""

    revision: str
    head: Head
    size_bytes: int


def condition(ledger: Ledger) -> Condition:
    """Raises LedgerUnavailable."""
    with ledger.read() as connection:
        revision: str = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) or ""
        if ledger.place.is_postgresql:
            size_bytes = int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        else:
            path = ledger.place.path
            files = (path, path.with_name(f"{path.name}-wal"))
            size_bytes = sum(file.stat().st_size for file in files if file.exists())
    return Condition(revision, ledger.head(), size_bytes)
