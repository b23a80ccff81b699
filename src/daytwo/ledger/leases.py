"""Who works on which run: taken for a while by the database's clock, renewed, taken over from who died."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Select, func, or_, select, update

from daytwo.ledger import replay
from daytwo.ledger.database import Ledger, Transaction
from daytwo.ledger.run_writing import Fenced, Lease
from daytwo.ledger.runs import runs_of_rows
from daytwo.ledger.tables import clock, head, run, signal
from daytwo.model.run import Run, RunState, WaitKind


@dataclass(frozen=True, slots=True)
class Limits:
    """Most runs that are worked on at the same time, by all workers together; None is no limit."""

    at_once: int | None = None
    per_cluster: int | None = None


NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A run that is ours now, as it stands, and until when at least."""

    run: Run
    lease: Lease
    was_running: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """How it stands with a lease: the database's time now, how much of it is left, whether somebody has sent something."""

    now: datetime
    left: timedelta
    has_signals: bool


def is_work_due(ledger: Ledger, limits: Limits = NO_LIMITS, *, only: str | None = None, brakes_are_on: bool = False) -> bool:
    """Whether `claim` would probably find a run. Takes no lock, so that many may ask often."""
    with ledger.read() as connection:
        return connection.execute(_due(limits, only, brakes_are_on)).first() is not None


def claim(
    ledger: Ledger, owner: str, span: timedelta, limits: Limits = NO_LIMITS, *, only: str | None = None, brakes_are_on: bool = False
) -> Claimed | None:
    """Takes the run that has been due for longest, or `only` that one; from whoever had it, if its lease is over.

    `owner` must be of this process alone. While the brakes are on, runs that wait for them are left alone.
    """

    def take(transaction: Transaction) -> Claimed | None:
        connection = transaction.connection
        if limits != NO_LIMITS:
            # Two who count at the same time would both find room.
            connection.execute(select(head.c.seq).with_for_update())
        found = connection.execute(_due(limits, only, brakes_are_on).with_for_update(skip_locked=True, of=run)).first()
        if found is None:
            return None
        token = found.token + 1
        values = {"state": RunState.RUNNING, "owner": owner, "token": token, "wake_at": clock(span), "waits_for": None, "waiting": None}
        connection.execute(update(run).where(run.c.id == found.id).values(**values))
        was_running = found.state == RunState.RUNNING
        data = {"owner": owner, "token": token} | ({"from": found.owner} if was_running else {})
        transaction.append(owner, found.id, replay.TAKEN_OVER if was_running else replay.TAKEN, data)
        whole = runs_of_rows(connection, [found])[0]
        mine = msgspec.structs.replace(whole, state=RunState.RUNNING, owner=owner, waiting=None)
        return Claimed(mine, Lease(found.id, owner, token, span), was_running)

    return ledger.transact(take)


def _due(limits: Limits, only: str | None, brakes_are_on: bool) -> Select[tuple[object, ...]]:
    # As subqueries without rows of their own they are asked once, so that the index on wake_at serves.
    now = select(clock()).scalar_subquery()
    found = select(run).where(run.c.wake_at <= now).order_by(run.c.wake_at, run.c.id).limit(1)
    if only is not None:
        found = found.where(run.c.id == only)
    if brakes_are_on:
        found = found.where(or_(run.c.waits_for.is_(None), run.c.waits_for != WaitKind.BRAKES))
    other = run.alias("other")
    busy = select(func.count()).select_from(other).where(other.c.state == RunState.RUNNING, other.c.wake_at > now)
    if limits.at_once is not None:
        found = found.where(busy.scalar_subquery() < limits.at_once)
    if limits.per_cluster is not None:
        same = busy.where(other.c.cluster == run.c.cluster).correlate(run)
        found = found.where(same.scalar_subquery() < limits.per_cluster)
    return found


def renew(ledger: Ledger, held: Collection[Lease]) -> frozenset[Lease]:
    """Renews these leases of one process; returns those that it still has. A lease that is over is not renewed.

    This is the one change of rows without an event: it says nothing about the run.
    """

    def extend(transaction: Transaction) -> frozenset[Lease]:
        renewed: set[Lease] = set()
        for lease in sorted(held, key=lambda one: one.run):
            mine = update(run).where(run.c.id == lease.run, run.c.token == lease.token, run.c.state == RunState.RUNNING)
            if transaction.connection.execute(mine.where(run.c.wake_at > clock()).values(wake_at=clock(lease.span))).rowcount == 1:
                renewed.add(lease)
        return frozenset(renewed)

    return ledger.transact(extend)


def look(ledger: Ledger, lease: Lease) -> Hold:
    """How it stands with a lease, without writing. Raises Fenced."""
    sent = select(signal.c.run).where(signal.c.run == lease.run, signal.c.taken_at.is_(None)).exists()
    query = select(run.c.wake_at, clock().label("now"), sent.label("has_signals"))
    with ledger.read() as connection:
        row = connection.execute(query.where(run.c.id == lease.run, run.c.token == lease.token, run.c.state == RunState.RUNNING)).first()
    if row is None or row.wake_at is None or row.wake_at <= row.now:
        raise Fenced(f"run {lease.run} is not ours any more")
    return Hold(row.now, row.wake_at - row.now, bool(row.has_signals))
