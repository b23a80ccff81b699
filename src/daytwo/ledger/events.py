"""Events read back, in pages."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, Row, Select, select

from daytwo.ledger.database import Ledger
from daytwo.ledger.tables import event
from daytwo.model.remembered import Event

PAGE: Final = 5_000
"""Events of one read: long reads keep SQLite's log from being moved."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: all that are after `after` (a seq), about this, of this kind, since then (inclusive)."""

    after: int = 0
    about: str = ""
    kind: str = ""
    since: datetime | None = None

    def query(self) -> Select[int, datetime, str, str, str, str, str]:
        found = select(event.c.seq, event.c.at, event.c.actor, event.c.about, event.c.kind, event.c.data, event.c.hash)
        found = found.where(event.c.seq > self.after).order_by(event.c.seq)
        if self.about:
            found = found.where(event.c.about == self.about)
        if self.kind:
            found = found.where(event.c.kind == self.kind)
        if self.since is not None:
            found = found.where(event.c.at >= self.since)
        return found


def read_all(ledger: Ledger, wanted: Wanted = Wanted()) -> Iterator[Event]:
    """All such events, the oldest first, a page at a time."""
    while True:
        with ledger.read() as connection:
            page = read_events(connection, wanted)
        yield from page
        if len(page) < PAGE:
            return
        wanted = replace(wanted, after=page[-1].seq)


def newest_events(connection: Connection, wanted: Wanted, count: int) -> list[Event]:
    """The newest so many of such events, the oldest first."""
    query = wanted.query().order_by(None).order_by(event.c.seq.desc()).limit(count)
    return [_event(row) for row in connection.execute(query)][::-1]


def read_events(connection: Connection, wanted: Wanted = Wanted(), limit: int = PAGE) -> list[Event]:
    """One page of events, the oldest first."""
    return [_event(row) for row in connection.execute(wanted.query().limit(limit))]


def _event(row: Row[int, datetime, str, str, str, str, str]) -> Event:
    seq, at, actor, about, kind, data, hash = row
    return Event(seq, at, actor, about, kind, msgspec.json.decode(data), hash)
