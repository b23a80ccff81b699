"""Whether the history is what was written: the chain walked from its start, and compared with heads that were kept elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import BigInteger, Connection, select, type_coerce

from daytwo.ledger.chain import Fault, Link, Walk, missing
from daytwo.ledger.database import Ledger
from daytwo.ledger.tables import anchor, event, head
from daytwo.model.remembered import Head

PRUNED: Final = "ledger_pruned"
"""The event that tells of a pruning: `through` is the head of what is gone, as SEQ:HASH."""

_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found: where the chain begins (after the pruned), where it ends, and the first fault.

    `too_old` are the known heads from before the beginning: they cannot be compared any more.
    """

    start: Head
    head: Head
    count: int
    fault: Fault | None = None
    too_old: tuple[Head, ...] = ()


def prove(ledger: Ledger, known: Sequence[Head] = ()) -> Proof:
    """Walks the whole chain and compares it with the heads in `known`. Others may append and prune meanwhile."""
    while True:
        with ledger.read() as connection:
            start = chain_start(connection)
        proof = _prove_from(ledger, start, known)
        if proof.fault is None:
            return proof
        with ledger.read() as connection:
            if chain_start(connection) == start:
                return proof
        # Somebody pruned while we walked: what was missing is rightly gone.


def chain_start(connection: Connection) -> Head:
    """The last event that was pruned; the chain begins after it."""
    row = connection.execute(select(anchor.c.seq, anchor.c.hash).order_by(anchor.c.seq.desc()).limit(1)).first()
    return Head() if row is None else Head(row.seq, row.hash)


def _prove_from(ledger: Ledger, start: Head, known: Sequence[Head]) -> Proof:
    walk = Walk(start)
    hashes: dict[int, str] = {start.seq: start.hash}
    wanted = {one.seq for one in known}
    pruned: set[str] = set()
    with ledger.read() as connection:
        before = _head_row(connection)
    wanted.add(before.seq)
    while True:
        with ledger.read() as connection:
            page = _page(connection, walk.head.seq)
        is_whole = walk.follow(page)
        for link in page[: walk.head.seq - page[0].seq + 1] if page else ():
            if link.seq in wanted:
                hashes[link.seq] = link.hash
            if link.kind == PRUNED:
                pruned.add(_through(link))
        if not is_whole or len(page) < _PAGE:
            break
    with ledger.read() as connection:
        after = _head_row(connection)

    fault = walk.fault or _tail_fault(walk.head, before, after, hashes)
    if fault is None and start.seq and str(start) not in pruned:
        fault = Fault(1, f"{_events(1, start.seq)} gone, and no event tells that they were pruned")
    too_old = tuple(one for one in known if 0 < one.seq < start.seq)
    for one in sorted(known, key=lambda head: head.seq):
        if fault is None and one not in too_old:
            fault = _compared(one, walk.head, hashes)
    return Proof(start, walk.head, walk.count, fault, too_old)


def _tail_fault(end: Head, before: Head, after: Head, hashes: dict[int, str]) -> Fault | None:
    """What is wrong with the row that names the last event; `before` and `after` the walk, since others append."""
    if end.seq < before.seq:
        return missing(end.seq + 1, before.seq)
    if hashes.get(before.seq) != before.hash:
        return Fault(before.seq, f"event {before.seq} is not the one that was written: the ledger's own head has another hash")
    if end.seq > after.seq:
        return Fault(after.seq + 1, f"{_events(after.seq + 1, end.seq)} beyond the ledger's own head")
    return None


def _compared(known: Head, end: Head, hashes: dict[int, str]) -> Fault | None:
    if known.seq > end.seq:
        return Fault(
            end.seq + 1,
            f"the ledger is older than the head {known.seq}: {_events(end.seq + 1, known.seq)} missing "
            "(an older backup was put back, or the newest events were removed)",
        )
    if hashes.get(known.seq) != known.hash:
        return Fault(known.seq, f"event {known.seq} is another one than the head {known.seq} says: the history was written anew")
    return None


def _events(first: int, last: int) -> str:
    return f"event {first} is" if first == last else f"events {first} to {last} are"


def _head_row(connection: Connection) -> Head:
    row = connection.execute(select(head.c.seq, head.c.hash)).first()
    return Head() if row is None else Head(row.seq, row.hash)


def _page(connection: Connection, after: int) -> list[Link]:
    at = type_coerce(event.c.at, BigInteger)
    query = select(event.c.seq, at, event.c.actor, event.c.about, event.c.kind, event.c.data, event.c.hash)
    rows = connection.execute(query.where(event.c.seq > after).order_by(event.c.seq).limit(_PAGE))
    return [Link(*row) for row in rows]


class _Pruned(msgspec.Struct):
    through: str = ""


def _through(link: Link) -> str:
    return msgspec.json.decode(link.data, type=_Pruned).through
