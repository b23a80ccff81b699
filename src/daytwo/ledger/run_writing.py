"""One run within a write transaction: each method changes rows and tells it in an event, so that both always agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from daytwo.ledger import replay
from daytwo.ledger.database import Transaction
from daytwo.ledger.replay import FINAL, STAGE_KINDS, plain
from daytwo.ledger.tables import approval, attempt, clock, lock, run, signal, stage
from daytwo.model.change import Change, Wait
from daytwo.model.json import Json
from daytwo.model.outcome import Outcome, Status
from daytwo.model.person import Person
from daytwo.model.run import Act, Attempt, Run, RunState, Signal, StageRecord, StepState, Waiting, WaitKind
from daytwo.model.withholding import as_recorded

LOCK_LOOK: Final = timedelta(seconds=60)
"""Whoever gives a lock back wakes those who wait for it; should that be lost, they look by themselves."""


class Fenced(Exception):
    """The lease is over, or another worker has the run: nothing was written, and nothing may be done any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's right to advance a run until it is not renewed any more. Each has a greater token than the one before."""

    run: str
    owner: str
    token: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a run, as it was appended."""

    kind: str
    data: dict[str, Json]
    at: datetime


@dataclass(slots=True)
class RunWriting:
    """Rows and events of one run. `told` are the events of this transaction."""

    transaction: Transaction
    id: str
    actor: str
    told: list[Told] = field(default_factory=list)

    def hold(self, lease: Lease) -> None:
        """Proves, and renews, the right to write; from here to the end of the transaction nobody else changes the run. Raises Fenced."""
        held = update(run).where(run.c.id == lease.run, run.c.token == lease.token, run.c.state == RunState.RUNNING)
        renewed = self.transaction.connection.execute(held.where(run.c.wake_at > clock()).values(wake_at=clock(lease.span)))
        if renewed.rowcount != 1:
            raise Fenced(f"run {lease.run} is not ours any more")

    # -- the run ------------------------------------------------------------------------------------------------------

    def wait(self, waiting: Waiting, wake_at: datetime | None) -> None:
        """Gives the run up until `wake_at`, or until somebody wakes it."""
        # The event says all that the row does; the row's text is masked, so is the event's.
        values = {"state": RunState.WAITING, "owner": "", "waits_for": waiting.kind, "waiting": plain(waiting), "wake_at": wake_at}
        self._change(values)
        self._tell(replay.WAITED, _object(waiting))

    def wake(self, why: str) -> None:
        """Any worker may take it at once."""
        self._change(self._ready())
        self._tell(replay.WOKEN, {"why": why})

    def release(self) -> None:
        self._change(self._ready())
        self._tell(replay.RELEASED)

    def pause(self) -> None:
        self._change({"state": RunState.PAUSED, "owner": "", "waits_for": None, "waiting": None, "wake_at": None})
        self._tell(replay.PAUSED)

    def finish(self, state: RunState) -> None:
        """The run is over, and its targets are free."""
        values = {"state": state, "owner": "", "waits_for": None, "waiting": None, "wake_at": None, "finished_at": self.transaction.now()}
        self._change(values)
        self._tell(replay.FINISHED, {"state": state.value})
        self.unlock()

    def _ready(self) -> dict[str, object]:
        return {"state": RunState.READY, "owner": "", "waits_for": None, "waiting": None, "wake_at": clock()}

    def _change(self, values: Mapping[str, object]) -> None:
        self.transaction.connection.execute(update(run).where(run.c.id == self.id).values(**values))

    # -- stages and attempts --------------------------------------------------------------------------------------------

    def change_stage(self, number: int, state: StepState, detail: str = "", due_at: datetime | None = None) -> None:
        finished_at = self.transaction.now() if state in FINAL else None
        changed = update(stage).where(stage.c.run == self.id, stage.c.number == number)
        self.transaction.connection.execute(
            changed.values(state=state, detail=detail, due_at=due_at, finished_at=finished_at),
        )
        data: dict[str, Json] = {"stage": number, "state": state.value, "detail": detail}
        if due_at is not None:
            data["due_at"] = plain(due_at)
        self._tell(STAGE_KINDS[state], data)

    def add_stages(self, cluster: str, records: Sequence[StageRecord], *, is_told: bool = True) -> None:
        """Adds stages after those that are there. What is secret in them is withheld."""
        rows = [stage_row(self.id, cluster, record) for record in records]
        if not rows:
            return
        self.transaction.connection.execute(insert(stage), rows)
        if is_told:
            self._tell(replay.STAGES_ADDED, {"stages": [recorded_stage(record) for record in records]})

    def intend(self, record: StageRecord, intent: Attempt) -> None:
        """What is about to be sent. Committed before it is."""
        number = record.number
        request = intent.request
        if request is not None and record.is_withheld:
            request = msgspec.structs.replace(request, body="")
        self.transaction.connection.execute(
            insert(attempt).values(
                run=self.id,
                stage=number,
                number=intent.number,
                at=self.transaction.now(),
                token=intent.token,
                digest=intent.digest,
                request=plain(request),
                generation=intent.generation,
                resource_version=intent.resource_version,
            )
        )
        data: dict[str, Json] = {
            "stage": number,
            "attempt": intent.number,
            "token": intent.token,
            "digest": intent.digest,
            "request": plain(request),
            "generation": intent.generation,
            "resource_version": intent.resource_version,
        }
        self._tell(replay.INTENT, data)
        self.change_stage(number, StepState.STARTED, due_at=record.due_at)

    def record_outcome(self, number: int, which: int, outcome: Outcome) -> bool:
        """What came of an attempt. False when it was settled meanwhile: then it is told, and changes nothing."""
        row = update(attempt).where(attempt.c.run == self.id, attempt.c.stage == number, attempt.c.number == which)
        written = self.transaction.connection.execute(row.where(attempt.c.outcome.is_(None)).values(outcome=plain(outcome)))
        is_first = written.rowcount == 1
        data: dict[str, Json] = {"stage": number, "attempt": which, "outcome": plain(outcome)}
        self._tell(replay.OUTCOME if is_first else replay.LATE_OUTCOME, data)
        return is_first

    def settle(self, number: int, which: int, found: Outcome) -> Outcome:
        """What was found out afterwards about an attempt that nobody saw the end of; what its sender wrote meanwhile counts more."""
        key = (attempt.c.run == self.id, attempt.c.stage == number, attempt.c.number == which)
        connection = self.transaction.connection
        written = connection.scalar(select(attempt.c.outcome).where(*key).with_for_update())
        known = msgspec.convert(written, Outcome) if written is not None else None
        outcome = known if known is not None and known.status is not Status.UNKNOWN else found
        connection.execute(update(attempt).where(*key).values(outcome=plain(outcome)))
        self._tell(replay.OUTCOME, {"stage": number, "attempt": which, "outcome": plain(outcome)})
        return outcome

    # -- people ---------------------------------------------------------------------------------------------------------

    def approve(self, digest: str, person: Person, why: str = "") -> bool:
        """False when this person had approved exactly this before."""
        connection = self.transaction.connection
        key = (approval.c.run == self.id, approval.c.digest == digest, approval.c.name == person.name)
        if connection.execute(select(approval.c.run).where(*key)).first() is not None:
            return False
        values = {"run": self.id, "digest": digest, "name": person.name, "person": plain(person), "at": self.transaction.now(), "why": why}
        connection.execute(insert(approval).values(**values))
        self._tell(replay.APPROVED, {"digest": digest, "person": plain(person), "why": why})
        return True

    def approvers(self, digest: str) -> frozenset[str]:
        """The names of those who approved exactly this."""
        found = select(approval.c.name).where(approval.c.run == self.id, approval.c.digest == digest)
        return frozenset(self.transaction.connection.scalars(found))

    def send_signal(self, sent: Signal) -> Signal:
        """Stores what a person wants; it is acted on by whoever has the run."""
        connection = self.transaction.connection
        last = connection.scalar(select(func.max(signal.c.number)).where(signal.c.run == self.id)) or 0
        sent = msgspec.structs.replace(sent, number=last + 1, at=self.transaction.now())
        connection.execute(
            insert(signal).values(
                run=self.id,
                number=sent.number,
                command=sent.command,
                reply=sent.reply,
                person=plain(sent.person),
                why=sent.why,
                at=sent.at,
            )
        )
        data = _object(sent)
        del data["at"]
        self._tell(replay.SIGNAL, data)
        return sent

    def signals(self) -> list[Signal]:
        """What was sent and not acted on yet, the oldest first."""
        rows = select(signal).where(signal.c.run == self.id, signal.c.taken_at.is_(None)).order_by(signal.c.number)
        return [
            msgspec.convert(
                {"number": row.number, "command": row.command, "reply": row.reply, "person": row.person, "why": row.why, "at": row.at},
                Signal,
            )
            for row in self.transaction.connection.execute(rows)
        ]

    def take_signal(self, sent: Signal) -> None:
        row = update(signal).where(signal.c.run == self.id, signal.c.number == sent.number)
        self.transaction.connection.execute(row.values(taken_at=self.transaction.now()))
        self._tell(replay.SIGNAL_TAKEN, {"number": sent.number, "command": sent.command.value})

    # -- locks ----------------------------------------------------------------------------------------------------------

    def lock(self) -> tuple[str, str] | None:
        """Takes all targets of the run, or none: two runs can then never wait for each other. Returns a target and who holds it."""
        connection = self.transaction.connection
        targets = select(stage.c.target).where(stage.c.run == self.id, stage.c.target != "").distinct().order_by(stage.c.target)
        wanted = list(connection.scalars(targets))
        mine = set(connection.scalars(select(lock.c.target).where(lock.c.run == self.id)))
        missing = [target for target in wanted if target not in mine]
        if not missing:
            return None
        dialect_insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        taken: list[str] = []
        for target in missing:
            row = dialect_insert(lock).values(target=target, run=self.id, since=self.transaction.now())
            insertion = row.on_conflict_do_nothing().returning(lock.c.target)
            if connection.execute(insertion).first() is not None:
                taken.append(target)
                continue
            # Held until the end of this transaction: whoever gives the target back afterwards sees that this run waits.
            holder = connection.scalar(select(lock.c.run).where(lock.c.target == target).with_for_update())
            if holder is None:
                # Given back between the two statements.
                if connection.execute(insertion).first() is not None:
                    taken.append(target)
                    continue
                holder = connection.scalar(select(lock.c.run).where(lock.c.target == target)) or ""
            if taken:
                connection.execute(delete(lock).where(lock.c.run == self.id, lock.c.target.in_(taken)))
            return target, holder
        self._tell(replay.LOCKED, {"targets": list[Json](taken)})
        return None

    def unlock(self) -> None:
        """Gives all targets back, and wakes whoever waits for one of this cluster's."""
        connection = self.transaction.connection
        if not connection.execute(delete(lock).where(lock.c.run == self.id)).rowcount:
            return
        self._tell(replay.UNLOCKED)
        waiting = select(run.c.id).where(run.c.waits_for == WaitKind.LOCK, run.c.state == RunState.WAITING).order_by(run.c.id)
        for other in connection.scalars(waiting.with_for_update()).all():
            RunWriting(self.transaction, other, self.actor).wake(f"run {self.id} has given back what it worked on")

    def _tell(self, kind: str, data: dict[str, Json] | None = None) -> None:
        data = data or {}
        self.transaction.append(self.actor, self.id, kind, data)
        self.told.append(Told(kind, data, self.transaction.now()))


def _object(value: msgspec.Struct) -> dict[str, Json]:
    found = plain(value)
    assert isinstance(found, dict)
    return found


def stage_row(run_id: str, cluster: str, record: StageRecord) -> dict[str, object]:
    return {
        "run": run_id,
        "number": record.number,
        "stage": recorded_stage(record)["stage"],
        "target": target_of(cluster, record),
        "is_withheld": record.is_withheld,
        "state": record.state,
        "detail": record.detail,
        "due_at": record.due_at,
        "finished_at": record.finished_at,
    }


def recorded_stage(record: StageRecord) -> dict[str, Json]:
    """A stage as the ledger may keep it."""
    found = record.stage
    if isinstance(found, Act):
        step = msgspec.structs.replace(found.step, change=as_recorded(found.step.change))
        found = msgspec.structs.replace(found, step=step)
    return _object(msgspec.structs.replace(record, stage=found))


def target_of(cluster: str, record: StageRecord) -> str:
    """What a stage locks; empty for what has no target, or only waits."""
    return lock_name(cluster, record.stage.step.change) if isinstance(record.stage, Act) else ""


def lock_name(cluster: str, change: Change) -> str:
    if isinstance(change, Wait) or change.target is None:
        return ""
    target = change.target
    return "/".join((cluster, target.type.group, target.type.kind, target.namespace, target.name))


def targets_of(run: Run) -> frozenset[str]:
    return frozenset(filter(None, (target_of(run.cluster, record) for record in run.stages)))


def follow(found: Run, told: Iterable[Told]) -> Run:
    """The run after these events."""
    for one in told:
        found = replay.follow(found, one.kind, one.data, one.at)
    return found
