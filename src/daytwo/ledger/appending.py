"""Events appended to the chain, at the end of the transaction that they belong to."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from daytwo.ledger.chain import Link, link_hash
from daytwo.ledger.tables import clean, clock, document, event, head, to_microseconds
from daytwo.model.json import Json
from daytwo.model.masking import mask
from daytwo.model.remembered import Head

# Made once: making a statement takes longer than running it.
_LAST: Final = select(head.c.seq, head.c.hash, clock().label("now")).with_for_update(of=head)
_INSERT: Final = insert(event)
_MOVE: Final = update(head).values(seq=bindparam("to_seq"), hash=bindparam("to_hash"))


class Appending:
    """The events of one transaction, before they have their places in the chain."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[tuple[str, str, str, str]] = []

    def add(self, actor: str, about: str, kind: str, data: dict[str, Json]) -> None:
        self._waiting.append((clean(mask(actor)), clean(mask(about)), clean(mask(kind)), document(data)))

    def finish(self, at: datetime | None) -> Head | None:
        """Writes them. Locks the head: from here until the end of the transaction nobody else appends."""
        if not self._waiting:
            return None
        last = self._connection.execute(_LAST).one()
        moment = at or last.now
        microseconds = to_microseconds(moment)
        seq, hash = last.seq, last.hash
        rows: list[dict[str, object]] = []
        for actor, about, kind, data in self._waiting:
            seq += 1
            hash = link_hash(hash, Link(seq, microseconds, actor, about, kind, data))
            rows.append({"seq": seq, "at": moment, "actor": actor, "about": about, "kind": kind, "data": data, "hash": hash})
        self._connection.execute(_INSERT, rows)
        self._connection.execute(_MOVE, {"to_seq": seq, "to_hash": hash})
        return Head(seq, hash)
