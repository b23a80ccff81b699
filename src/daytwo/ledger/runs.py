"""Runs in the ledger: made, found, listed, and what policy wants to know of earlier ones."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from daytwo.ledger import replay
from daytwo.ledger.database import Ledger, Transaction
from daytwo.ledger.replay import plain
from daytwo.ledger.run_writing import RunWriting, lock_name, recorded_stage
from daytwo.ledger.tables import approval, attempt, clock, lock, run, stage
from daytwo.model.change import Change
from daytwo.model.errors import UsageError
from daytwo.model.json import Json
from daytwo.model.run import Act, Approval, Attempt, Run, RunState, StageRecord, StepState
from daytwo.model.withholding import is_withheld

# Without those that are mistaken for each other.
_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH: Final = 5
_MOST: Final = 500

OVER: Final = tuple(state for state in RunState if state.is_over)
IN_FLIGHT: Final = tuple(state for state in RunState if not state.is_over)


def new_run_id(ledger: Ledger, random: Random) -> str:
    """A short id that no run has, such as `r7k2m9`."""
    while True:
        drawn = "r" + "".join(random.choices(_LETTERS, k=_LENGTH))
        with ledger.read() as connection:
            if connection.execute(select(run.c.id).where(run.c.id == drawn)).first() is None:
                return drawn


def create_run(ledger: Ledger, new: Run) -> Run:
    """Stores a run that is ready to be worked on, with its approvals, in one transaction; returns it as stored.

    Steps with secrets in them are stored masked, and marked as withheld.
    """

    def create(transaction: Transaction) -> Run:
        return _create(transaction, new)

    try:
        return ledger.transact(create)
    except IntegrityError as error:
        raise UsageError(f"there is a run {new.id} already; try again") from error


def _create(transaction: Transaction, new: Run) -> Run:
    at = transaction.now()
    stages = tuple(msgspec.structs.replace(record, is_withheld=_is_withheld(record)) for record in new.stages)
    created = msgspec.structs.replace(new, created_at=at, state=RunState.READY, stages=stages, approvals=(), owner="")
    transaction.connection.execute(
        insert(run).values(
            id=created.id,
            cluster=created.cluster,
            cluster_name=created.cluster_name,
            context=created.context,
            title=created.title,
            why=created.why,
            undoes=created.undoes,
            actor=plain(created.actor),
            created_at=at,
            deadline_at=created.deadline_at,
            state=created.state,
            owner="",
            token=0,
            wake_at=at,
        )
    )
    recorded = plain(msgspec.structs.replace(created, stages=()))
    assert isinstance(recorded, dict)
    del recorded["id"], recorded["created_at"]
    recorded["stages"] = list[Json](recorded_stage(record) for record in stages)
    transaction.append(created.actor.name, created.id, replay.CREATED, recorded)
    writing = RunWriting(transaction, created.id, created.actor.name)
    writing.add_stages(created.cluster, stages, is_told=False)
    for given in new.approvals:
        if writing.approve(given.digest, given.person, given.why):
            created = msgspec.structs.replace(created, approvals=(*created.approvals, msgspec.structs.replace(given, at=at)))
    return created


def _is_withheld(record: StageRecord) -> bool:
    return record.is_withheld or (isinstance(record.stage, Act) and is_withheld(record.stage.step.change))


# -- reading ----------------------------------------------------------------------------------------------------------


def find_run(ledger: Ledger, id: str) -> Run:
    """UsageError when there is none with this id."""
    with ledger.read() as connection:
        found = read_run(connection, id)
    if found is None:
        raise UsageError(f"there is no run {id} in {ledger.place}; `daytwo runs list` shows those that there are")
    return found


def list_runs(ledger: Ledger, states: Sequence[RunState] = tuple(RunState), limit: int = _MOST) -> list[Run]:
    """The newest first."""
    with ledger.read() as connection:
        query = select(run).where(run.c.state.in_([state.value for state in states]))
        rows = connection.execute(query.order_by(run.c.created_at.desc(), run.c.id).limit(limit)).all()
        return _runs(connection, rows)


def read_run(connection: Connection, id: str) -> Run | None:
    row = connection.execute(select(run).where(run.c.id == id)).first()
    return _runs(connection, [row])[0] if row is not None else None


def runs_of_rows(connection: Connection, rows: Sequence[Row[Any]]) -> list[Run]:
    return _runs(connection, rows)


def _runs(connection: Connection, rows: Sequence[Row[Any]]) -> list[Run]:
    ids = [row.id for row in rows]
    attempts: dict[tuple[str, int], list[Attempt]] = {}
    for row in connection.execute(select(attempt).where(attempt.c.run.in_(ids)).order_by(attempt.c.run, attempt.c.stage, attempt.c.number)):
        attempts.setdefault((row.run, row.stage), []).append(_attempt(row))
    stages: dict[str, list[StageRecord]] = {}
    for row in connection.execute(select(stage).where(stage.c.run.in_(ids)).order_by(stage.c.run, stage.c.number)):
        stages.setdefault(row.run, []).append(_stage(row, attempts.get((row.run, row.number), [])))
    approvals: dict[str, list[Approval]] = {}
    for row in connection.execute(
        select(approval).where(approval.c.run.in_(ids)).order_by(approval.c.run, approval.c.at, approval.c.digest, approval.c.name)
    ):
        approvals.setdefault(row.run, []).append(
            msgspec.convert({"digest": row.digest, "person": row.person, "at": row.at, "why": row.why}, Approval)
        )
    return [_run(row, stages.get(row.id, []), approvals.get(row.id, [])) for row in rows]


def _run(row: Row[Any], stages: Iterable[StageRecord], approvals: Iterable[Approval]) -> Run:
    return msgspec.structs.replace(
        msgspec.convert(
            {
                "id": row.id,
                "cluster": row.cluster,
                "cluster_name": row.cluster_name,
                "context": row.context,
                "title": row.title,
                "state": row.state,
                "actor": row.actor,
                "created_at": row.created_at,
                "why": row.why,
                "waiting": row.waiting,
                "deadline_at": row.deadline_at,
                "finished_at": row.finished_at,
                "undoes": row.undoes,
                "owner": row.owner,
            },
            Run,
        ),
        stages=tuple(stages),
        approvals=tuple(approvals),
    )


def _stage(row: Row[Any], attempts: Iterable[Attempt]) -> StageRecord:
    record = msgspec.convert({"number": row.number, "stage": row.stage}, StageRecord)
    return msgspec.structs.replace(
        record,
        state=StepState(row.state),
        attempts=tuple(attempts),
        detail=row.detail,
        due_at=row.due_at,
        finished_at=row.finished_at,
        is_withheld=row.is_withheld,
    )


def _attempt(row: Row[Any]) -> Attempt:
    return msgspec.convert(
        {
            "number": row.number,
            "at": row.at,
            "token": row.token,
            "digest": row.digest,
            "request": row.request,
            "generation": row.generation,
            "resource_version": row.resource_version,
            "outcome": row.outcome,
        },
        Attempt,
    )


def ledger_now(ledger: Ledger) -> datetime:
    """The time by the database's clock, which all workers share."""
    with ledger.read() as connection:
        found: datetime = connection.execute(select(clock().label("now"))).one().now
    return found


# -- what policy asks ---------------------------------------------------------------------------------------------------


def holder(ledger: Ledger, cluster: str, changes: Iterable[Change]) -> Run | None:
    """A run that works on one of these targets now."""
    names = sorted(filter(None, (lock_name(cluster, change) for change in changes)))
    with ledger.read() as connection:
        found = connection.scalar(select(lock.c.run).where(lock.c.target.in_(names)).limit(1))
        return read_run(connection, found) if found is not None else None


def last_finished_at(ledger: Ledger, cluster: str, changes: Iterable[Change]) -> datetime | None:
    """When a run that changed one of these targets was last over."""
    names = sorted(filter(None, (lock_name(cluster, change) for change in changes)))
    changed = select(attempt.c.run).where(attempt.c.run == stage.c.run, attempt.c.stage == stage.c.number).exists()
    query = select(func.max(run.c.finished_at)).join(stage, stage.c.run == run.c.id).where(stage.c.target.in_(names), changed)
    with ledger.read() as connection:
        found: datetime | None = connection.scalar(query)
    return found


def count_runs(ledger: Ledger, span: timedelta = timedelta(hours=24)) -> int:
    """How many runs were made within the last `span`, by the database's clock."""
    with ledger.read() as connection:
        since = select(clock(-span)).scalar_subquery()
        return connection.scalar(select(func.count()).select_from(run).where(run.c.created_at > since)) or 0
