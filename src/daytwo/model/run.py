"""One execution of steps, as the ledger keeps it: it outlives the process that started it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

import msgspec

from daytwo.model.outcome import Outcome, Status
from daytwo.model.person import Person
from daytwo.model.request import Request
from daytwo.model.step import Step


class RunState(StrEnum):
    """`ready`: any worker may take it. `waiting`: for a person, a timer or the brakes; costs nothing meanwhile."""

    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"

    @property
    def is_over(self) -> bool:
        return self in (RunState.DONE, RunState.FAILED, RunState.CANCELLED, RunState.REJECTED)


class StepState(StrEnum):
    """`started`: its intent is recorded and its outcome is not, or the timer runs. `applied`: stored by the API server, not verified yet.

    `unknown`: nobody could say what came of it.
    """

    PENDING = "pending"
    STARTED = "started"
    APPLIED = "applied"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Pause(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, tag="pause"):
    """A durable timer between two steps, such as before the undo of `--for 30m`."""

    span: timedelta
    title: str


class Act(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, tag="act"):
    """A step that changes something. `call` numbers the call it belongs to; `undoes` is the number of the stage that it takes back.

    `people` is how many must approve it, who starts the run included.
    """

    step: Step
    call: int = 0
    undoes: int | None = None
    people: int = 1


Stage: TypeAlias = Act | Pause


class WaitKind(StrEnum):
    """What a run waits for. `world`: the API server cannot be asked, or would take it later."""

    APPROVAL = "approval"
    ANSWER = "answer"
    TIMER = "timer"
    LOCK = "lock"
    BRAKES = "brakes"
    WORLD = "world"

    @property
    def is_for_a_person(self) -> bool:
        return self in (WaitKind.APPROVAL, WaitKind.ANSWER)


class Command(StrEnum):
    """What people send to a run, besides approvals."""

    REJECT = "reject"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    ANSWER = "answer"


class Reply(StrEnum):
    """How a question about a step may be answered: it is done; do it (again); leave it out and go on; give up."""

    DONE = "done"
    REPEAT = "repeat"
    SKIP = "skip"
    FAIL = "fail"


class Signal(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a person sent to a run, before it is acted on."""

    number: int
    command: Command
    person: Person
    at: datetime
    why: str = ""
    reply: Reply | None = None


class Attempt(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One try of one step: the intent, committed before anything was sent, and the outcome, once it is known.

    `digest` is that of what was approved; `generation` and `resource_version` are the target's as read just before the intent.
    """

    number: int
    at: datetime
    token: int
    digest: str
    request: Request | None = None
    generation: int | None = None
    resource_version: str = ""
    outcome: Outcome | None = None


class Approval(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One person's yes to exactly this digest, which names a step, a target's uid and its fields old → new."""

    digest: str
    person: Person
    at: datetime
    why: str = ""


class StageRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where one stage of a run stands.

    `due_at` is when its timer is due, or until when it is tried. `is_withheld`: what it really does is secret, so that the ledger holds it
    masked, and only the process that made the run knows it.
    """

    number: int
    stage: Stage
    state: StepState = StepState.PENDING
    attempts: tuple[Attempt, ...] = ()
    detail: str = ""
    due_at: datetime | None = None
    finished_at: datetime | None = None
    is_withheld: bool = False

    @property
    def stored(self) -> Outcome | None:
        """The outcome of the attempt that changed the world; None when none did, for all that is known."""
        done = (each.outcome for each in reversed(self.attempts) if each.outcome is not None and each.outcome.status is Status.DONE)
        return next(done, None)


class Waiting(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a run waits for, and until when at most. `digest` is what an approval must be for, `run` who holds the lock."""

    kind: WaitKind
    text: str
    stage: int = 0
    digest: str = ""
    until: datetime | None = None
    run: str = ""


class Run(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One run as it stands. `id` is short enough to type. `owner` is the worker that has it now."""

    id: str
    cluster: str
    cluster_name: str
    title: str
    state: RunState
    actor: Person
    created_at: datetime
    stages: tuple[StageRecord, ...] = ()
    approvals: tuple[Approval, ...] = ()
    why: str = ""
    waiting: Waiting | None = None
    deadline_at: datetime | None = None
    finished_at: datetime | None = None
    undoes: str = ""
    context: str = ""
    owner: str = ""
