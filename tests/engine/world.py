"""A small world for the durable engine: objects with a value and a version in a file of its own, and every effect that it ever saw.

It stands for an API server where only the engine is tried: it refuses stale versions, and it outlives killed workers.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from daytwo.engine.hands import Already, Changed, Prepared, Ready, Settled, Settlement
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Patch
from daytwo.model.digest import digest, digest_of_undo
from daytwo.model.outcome import Outcome, Seen, Status, Verification
from daytwo.model.person import Person
from daytwo.model.request import Request
from daytwo.model.run import Act, Approval, Attempt, Pause, Run, RunState, Stage, StageRecord
from daytwo.model.step import Step
from daytwo.model.target import built_in

ANNA = Person("anna")
BEN = Person("ben")
LONG_AGO = datetime.fromisoformat("2026-11-20T08:00:00Z")


def step(name: str, old: int, new: int, *, deadline: timedelta = timedelta(minutes=5), on_failure_undo: bool = False) -> Step:
    """Moves one object from a value to another."""
    target = built_in("Deployment", "shop", name, uid=f"uid-{name}")
    change = Patch(target, (FieldChange("/spec/replicas", old, new),))
    title = f"scale deployment shop/{name} from {old} to {new}"
    return Step(title, Call("scale", target), change, deadline=deadline, on_failure_undo=on_failure_undo)


def run_of(id: str, *stages: Stage, approvers: tuple[Person, ...] = (ANNA,), why: str = "", deadline_at: datetime | None = None) -> Run:
    """A run of these stages, which these people have approved as they are."""
    records = tuple(StageRecord(number, stage) for number, stage in enumerate(stages))
    digests = [wanted_digest(records, record) for record in records if isinstance(record.stage, Act)]
    return Run(
        id=id,
        cluster="uid-of-the-cluster",
        cluster_name="prod",
        title=f"run {id}",
        state=RunState.READY,
        actor=ANNA,
        created_at=LONG_AGO,
        stages=records,
        approvals=tuple(Approval(one, person, LONG_AGO) for one in digests for person in approvers),
        why=why,
        deadline_at=deadline_at,
    )


def steps(name: str, count: int) -> tuple[Act, ...]:
    """`count` steps that move one object from 0 up."""
    return tuple(Act(step(name, number, number + 1)) for number in range(count))


def pause(seconds: float) -> Pause:
    return Pause(timedelta(seconds=seconds), f"wait {seconds} s")


def wanted_digest(records: tuple[StageRecord, ...], record: StageRecord) -> str:
    """Of what a stage does, as it is planned."""
    assert isinstance(record.stage, Act)
    if record.stage.undoes is None:
        return digest(record.number, record.stage.step)
    original = records[record.stage.undoes]
    return digest_of_undo(record.number, wanted_digest(records, original))


@dataclass(frozen=True, slots=True)
class Effect:
    """One change that was stored: by which attempt, under which token."""

    run: str
    stage: int
    attempt: int
    token: int
    name: str
    value: int


class World:
    """The objects in their file, for any number of processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS object (name TEXT PRIMARY KEY, value INTEGER NOT NULL, version INTEGER NOT NULL)"
            )
            connection.execute(
                "CREATE TABLE IF NOT EXISTS effect (seq INTEGER PRIMARY KEY, run TEXT, stage INTEGER, attempt INTEGER, token INTEGER,"
                " name TEXT, value INTEGER)"
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()

    def read(self, name: str) -> tuple[int, int]:
        """An object's value and version; everything begins at 0."""
        with self._open() as connection:
            row = connection.execute("SELECT value, version FROM object WHERE name = ?", (name,)).fetchone()
        return (int(row[0]), int(row[1])) if row is not None else (0, 0)

    def set(self, name: str, value: int) -> None:
        """Somebody else changes an object."""
        with self._open() as connection:
            _put(connection, name, value)

    def change(self, body: str, effect: Effect) -> bool:
        """Carries a request out, if the object still is as it says. `body` names it, its version, and the new value."""
        name, version, value = msgspec.json.decode(body, type=tuple[str, int, int])
        with self._open() as connection:
            row = connection.execute("SELECT version FROM object WHERE name = ?", (name,)).fetchone()
            if (row[0] if row is not None else 0) != version:
                return False
            _put(connection, name, value)
            connection.execute(
                "INSERT INTO effect (run, stage, attempt, token, name, value) VALUES (?, ?, ?, ?, ?, ?)",
                (effect.run, effect.stage, effect.attempt, effect.token, name, value),
            )
        return True

    def effects(self) -> list[Effect]:
        with self._open() as connection:
            rows = connection.execute("SELECT run, stage, attempt, token, name, value FROM effect ORDER BY seq").fetchall()
        return [Effect(*row) for row in rows]


def _put(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute(
        "INSERT INTO object (name, value, version) VALUES (?, ?, 1) ON CONFLICT (name) DO UPDATE SET value = excluded.value,"
        " version = version + 1",
        (name, value),
    )


class WorldHands:
    """Does in the small world what `engine/act.py` does in a cluster."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def prepare(self, run: Run, record: StageRecord) -> Prepared:
        name, old, new = wanted(run, record)
        value, version = self.world.read(name)
        if value == new:
            return Already("it is so already")
        if value != old:
            return Changed(f"{name} is at {value}, not {old}")
        body = msgspec.json.encode((name, version, new)).decode()
        return Ready(
            wanted_digest(run.stages, record),
            Request("PATCH", f"/{name}", body=body),
            resource_version=str(version),
            question=f"change {name}",
        )

    async def send(self, run: Run, record: StageRecord, ready: Ready, at: datetime) -> Outcome:
        assert ready.request is not None
        attempt = record.attempts[-1]
        is_stored = self.world.change(ready.request.body, Effect(run.id, record.number, attempt.number, attempt.token, "", 0))
        return Outcome(Status.DONE, at) if is_stored else Outcome(Status.FAILED, at, "it changed meanwhile", is_retryable=True)

    async def settle(self, run: Run, record: StageRecord, attempt: Attempt) -> Settled:
        name, old, new = wanted(run, record)
        value, version = self.world.read(name)
        if value == new:
            return Settled(Settlement.DONE, "found as wanted")
        if value == old and str(version) == attempt.resource_version:
            return Settled(Settlement.NOT_EXECUTED, "nobody has changed it")
        return Settled(Settlement.ASK, f"{name} is at {value}")

    async def verify(self, run: Run, record: StageRecord, outcome: Outcome) -> Verification:
        name, _, new = wanted(run, record)
        value, _ = self.world.read(name)
        return Verification(Seen.DONE if value == new else Seen.NOT_YET, f"{value} of {new}", str(value))


def wanted(run: Run, record: StageRecord) -> tuple[str, int, int]:
    """Which object a stage changes, from what to what."""
    assert isinstance(record.stage, Act)
    undoes = record.stage.undoes
    change = record.stage.step.change
    assert isinstance(change, Patch)
    field = change.fields[0]
    assert isinstance(field.old, int)
    assert isinstance(field.new, int)
    return (change.target.name, field.old, field.new) if undoes is None else (change.target.name, field.new, field.old)
