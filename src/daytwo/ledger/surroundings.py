"""What policy asks of the ledger before a run is made."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from daytwo.ledger.tables import clock, lock, run, stage
from daytwo.model.surroundings import Surroundings

_DAY: Final = timedelta(days=1)


def read_surroundings(connection: Connection, targets: Collection[str]) -> Surroundings:
    """`targets` are named as locks are."""
    now = connection.execute(select(clock().label("now"))).one().now
    held = connection.execute(
        select(lock.c.run, run.c.title).join(run, run.c.id == lock.c.run, isouter=True).where(lock.c.target.in_(targets)).limit(1)
    ).first()
    last = connection.scalar(
        select(func.max(run.c.finished_at, type_=run.c.finished_at.type))
        .join(stage, stage.c.run == run.c.id)
        .where(stage.c.target.in_(targets), run.c.finished_at.is_not(None))
    )
    today = connection.scalar(select(func.count()).select_from(run).where(run.c.created_at > now - _DAY))
    return Surroundings(now, held.run if held else "", (held.title or "") if held else "", last, today or 0)
