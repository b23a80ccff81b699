"""Keeping the ledger: pruned, exported, backed up, put back."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, func, insert, select

from daytwo.ledger.brakes import brakes_file, record_on
from daytwo.ledger.database import Ledger, Transaction, open_ledger
from daytwo.ledger.events import Wanted, read_all
from daytwo.ledger.place import Place
from daytwo.ledger.proof import PRUNED, chain_start, prove
from daytwo.ledger.small_file import sync_folder
from daytwo.ledger.tables import anchor, event, head, metadata
from daytwo.model.brakes import Brakes
from daytwo.model.errors import UsageError
from daytwo.model.remembered import Head

ABOUT: Final = "ledger"
"""What the events of keeping are about."""

_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many events are gone now, and the head of what is gone."""

    count: int
    through: Head


def prune(ledger: Ledger, before: datetime, actor: str) -> Pruned:
    """Removes the events from before a time, oldest first up to the first one that is newer. What stays is still proven.

    UsageError when the chain does not hold: pruning must not hide that.
    """
    fault = prove(ledger).fault
    if fault is not None:
        raise UsageError(f"nothing was pruned, because the history is not whole: {fault.text}; see `daytwo ledger verify`")

    def remove(transaction: Transaction) -> Pruned:
        connection = transaction.connection
        # The head first: nobody may append between the look and the deletion, nor prune at the same time.
        last = connection.execute(select(head.c.seq).with_for_update()).scalar_one()
        start = chain_start(connection)
        newer = connection.scalar(select(func.min(event.c.seq)).where(event.c.at >= before))
        seq = (newer - 1) if newer is not None else last
        if seq <= start.seq:
            return Pruned(0, start)
        hash: str = connection.execute(select(event.c.hash).where(event.c.seq == seq)).scalar_one()
        through = Head(seq, hash)
        connection.execute(delete(event).where(event.c.seq <= seq))
        connection.execute(delete(anchor))
        connection.execute(insert(anchor).values(seq=seq, hash=hash))
        count = seq - start.seq
        transaction.append(actor, ABOUT, PRUNED, {"through": str(through), "events": count, "before": before.isoformat()})
        return Pruned(count, through)

    return ledger.transact(remove)


def export(ledger: Ledger) -> Iterator[str]:
    """The history as JSON Lines: where it begins, each event as it is hashed, and the head at the end."""
    with ledger.read() as connection:
        start = chain_start(connection)
    last = start
    yield _line({"format": "daytwo.ledger/v1", "start": str(start)})
    for one in read_all(ledger, Wanted(after=start.seq)):
        yield _line(one)
        last = Head(one.seq, one.hash)
    yield _line({"head": str(last)})


def _line(value: object) -> str:
    return msgspec.json.encode(value).decode() + "\n"


class _Head(msgspec.Struct):
    head: str


def exported_head(path: Path) -> str:
    """The head that an export ends with, or that a head file beside a ledger holds. ValueError when the file is neither."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 4_096))
        lines = file.read().splitlines()
    try:
        return msgspec.json.decode(lines[-1], type=_Head).head if lines else _no_head(path)
    except msgspec.MsgspecError:
        return _no_head(path)


def _no_head(path: Path) -> str:
    raise ValueError(f"{path} does not end with a head; name a whole export of `daytwo ledger export`, or SEQ:HASH")


def back_up(ledger: Ledger, path: Path) -> Head:
    """Writes all of the ledger, as it is at one moment, into an SQLite ledger at `path`. Returns its head.

    `restore` reads it into an empty ledger of either kind; for SQLite the file is a ledger already. UsageError if `path` exists.
    """
    if path.exists():
        raise UsageError(f"{path}: is there already; name a new file")
    beside = Place(path.with_name(f".{path.name}.{os.getpid()}").absolute())
    try:
        with open_ledger(beside) as target, ledger.snapshot() as source:
            target.transact(lambda transaction: _copy(source, transaction.connection))
            found = target.head()
        beside.path.rename(path)
        sync_folder(path.parent.absolute())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    finally:
        for name in ("", "-wal", "-shm", ".lock", ".head"):
            beside.path.with_name(beside.path.name + name).unlink(missing_ok=True)
    return found


def restore(ledger: Ledger, path: Path, actor: str) -> Head:
    """Puts what `back_up` wrote into an empty ledger, and the brakes on: its runs may have gone on since the backup was made.

    UsageError when the ledger is not empty, or `path` is no ledger.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file; name one that `daytwo ledger backup` wrote")
    with TemporaryDirectory(prefix="daytwo-") as folder:
        # A copy: a backup of an older daytwo is migrated here, and the file stays as it was.
        copied = Path(folder) / "ledger.db"
        shutil.copyfile(path, copied)
        with open_ledger(copied, is_made=False) as backup, backup.snapshot() as source:
            why = f"the ledger was put back from {path.name}: look at `daytwo runs list`, then go on with `daytwo brakes off`"
            brakes = Brakes(why, actor)

            def put_back(transaction: Transaction) -> None:
                _refuse_unless_empty(transaction.connection, ledger.place)
                _copy(source, transaction.connection)
                record_on(transaction, brakes, ledger.place)
                transaction.append(actor, ABOUT, "ledger_restored", {"backup": path.name})

            with ledger.read() as connection:
                _refuse_unless_empty(connection, ledger.place)
            with brakes_file(ledger.place, brakes):
                ledger.transact(put_back)
    return ledger.head()


def _copy(source: Connection, target: Connection) -> None:
    """Copies all rows of all tables, the tables that others refer to first. Within the caller's transactions."""
    target.execute(delete(head))
    for table in metadata.sorted_tables:
        rows = source.execute(select(table).execution_options(yield_per=_ROWS)).mappings()
        for page in rows.partitions():
            target.execute(insert(table), [dict(row) for row in page])


def _refuse_unless_empty(connection: Connection, place: Place) -> None:
    if connection.scalar(select(head.c.seq)):
        raise UsageError(f"{place}: has events already; put the backup into an empty ledger, named with --ledger")
