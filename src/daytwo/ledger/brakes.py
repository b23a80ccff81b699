"""The brakes: for SQLite a file beside the ledger, put there without its lock; for PostgreSQL a row, which all machines see.

A file on this machine stands in for the row until that is written. What cannot be read counts as on.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from daytwo.ledger.place import Place
from daytwo.ledger.small_file import put_file, remove_file, sync_folder
from daytwo.ledger.unavailable import LedgerUnavailable
from daytwo.model.brakes import Brakes
from daytwo.model.masking import mask

if TYPE_CHECKING:
    from daytwo.ledger.database import Ledger, Transaction

ABOUT: Final = "brakes"
"""What the events of the brakes are about."""

Opening = Callable[[], AbstractContextManager["Ledger"]]
"""Opens the ledger; only called after the file is in its place."""


def put_on(place: Place, brakes: Brakes, open_ledger: Opening) -> str:
    """Puts the brakes on: first the file, whoever holds the database, then the row and the event.

    Returns what could not be done and why; empty when everything was. LedgerUnavailable when nothing was: they are then not on.
    """
    brakes = Brakes(mask(brakes.why), mask(brakes.by), brakes.since)
    file_trouble = _put_file(place, brakes)
    try:
        with open_ledger() as ledger:
            ledger.transact(lambda transaction: record_on(transaction, brakes, place))
    except LedgerUnavailable as error:
        if file_trouble:
            raise LedgerUnavailable(f"the brakes are NOT on: {file_trouble}; {error}") from error
        if place.is_postgresql:
            return f"only on this machine: {error}"
        return f"not in the history: {error}"
    if not place.is_postgresql:
        if file_trouble:
            raise LedgerUnavailable(f"the brakes are NOT on: {file_trouble}")
        return ""
    # The row counts everywhere now. A file that stayed would hold this machine back after somebody elsewhere took them off.
    _remove_file(place)
    return ""


def take_off(place: Place, by: str, open_ledger: Opening) -> bool:
    """Takes the brakes off: first the row, with its event, then the file. False when they were not on.

    LedgerUnavailable when the row could not be removed: they are then still on.
    """
    was_on = place.brakes_file.exists()
    with open_ledger() as ledger:
        was_on = ledger.transact(lambda transaction: _record_off(transaction, by, was_on))
    _remove_file(place)
    return was_on


def read_brakes(ledger: "Ledger") -> Brakes | None:
    """The brakes, if they are on, or cannot be seen. Without a lock, and for SQLite without the database."""
    found = read_brakes_file(ledger.place)
    if found is not None or not ledger.place.is_postgresql:
        return found
    from sqlalchemy import select

    from daytwo.ledger.tables import brakes

    try:
        with ledger.read() as connection:
            row = connection.execute(select(brakes.c.since, brakes.c.by, brakes.c.why)).first()
    except LedgerUnavailable as error:
        return Brakes(f"nobody can see whether the brakes are on: {error}")
    return Brakes(row.why, row.by, row.since) if row is not None else None


def read_brakes_file(place: Place) -> Brakes | None:
    """The brakes that were put on on this machine."""
    try:
        text = place.brakes_file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        return Brakes(f"{place.brakes_file} cannot be read ({error.strerror}), which counts as on")
    try:
        return msgspec.json.decode(text, type=Brakes)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Brakes(f"{place.brakes_file} is there, but is not what daytwo writes, which counts as on")


@contextmanager
def brakes_file(place: Place, brakes: Brakes) -> Iterator[None]:
    """Holds everything on this machine while the row is written; for SQLite the file is what counts and stays, whatever happens."""
    trouble = _put_file(place, brakes)
    if trouble:
        raise LedgerUnavailable(f"the brakes cannot be put on: {trouble}")
    yield
    if place.is_postgresql:
        _remove_file(place)


def _put_file(place: Place, brakes: Brakes) -> str:
    try:
        place.brakes_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        put_file(place.brakes_file, msgspec.json.encode(brakes).decode(), is_durable=True)
    except OSError as error:
        # A full disk has room for a file of no bytes, and one without a reason counts as on.
        return "" if _is_touched(place.brakes_file) else f"{place.brakes_file}: {error.strerror}"
    return ""


def _is_touched(path: Path) -> bool:
    try:
        path.touch(mode=0o600)
        sync_folder(path.parent)
    except OSError:
        return False
    return True


def _remove_file(place: Place) -> None:
    try:
        remove_file(place.brakes_file)
    except OSError as error:
        raise LedgerUnavailable(f"the brakes are still on: {place.brakes_file}: {error.strerror}; remove that file") from error


def record_on(transaction: "Transaction", brakes: Brakes, place: Place) -> None:
    """The row, which counts in PostgreSQL, and the event."""
    from sqlalchemy import delete, insert

    from daytwo.ledger.tables import brakes as table

    if place.is_postgresql:
        since = brakes.since or transaction.now()
        transaction.connection.execute(delete(table))
        transaction.connection.execute(insert(table).values(id=1, since=since, by=brakes.by, why=brakes.why))
    transaction.append(brakes.by, ABOUT, "brakes_put_on", {"why": brakes.why})


def _record_off(transaction: "Transaction", by: str, is_file_there: bool) -> bool:
    from sqlalchemy import delete

    from daytwo.ledger.tables import brakes as table

    was_on = transaction.connection.execute(delete(table)).rowcount > 0 or is_file_there
    if was_on:
        transaction.append(by, ABOUT, "brakes_taken_off")
    return was_on
