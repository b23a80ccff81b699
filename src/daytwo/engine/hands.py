"""What the durable engine asks of whoever knows the world: what would be sent, send it, what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

import msgspec

from daytwo.model.outcome import Outcome, Verification
from daytwo.model.plan import Diff
from daytwo.model.request import Request
from daytwo.model.run import Attempt, Run, StageRecord


class Ready(msgspec.Struct, frozen=True, gc=False):
    """May be sent, once `people` persons have approved exactly `digest`. The rest goes into the intent."""

    digest: str
    request: Request | None = None
    generation: int | None = None
    resource_version: str = ""
    people: int = 1
    question: str = ""
    diff: Diff = Diff()


class Already(msgspec.Struct, frozen=True, gc=False):
    """The fields are as wanted: nothing needs to be sent. Whether what was wanted has come about is looked at as after any change."""

    detail: str


class Refused(msgspec.Struct, frozen=True, gc=False):
    """The API server would not take it, or cannot be asked. Not final: later it may."""

    reason: str
    is_final: bool


class Changed(msgspec.Struct, frozen=True, gc=False):
    """The world is not what was planned on: a person is asked."""

    reason: str


Prepared: TypeAlias = Ready | Already | Refused | Changed


class Settlement(StrEnum):
    """What the world says of a started step without outcome. `later`: it cannot be asked now."""

    DONE = "done"
    NOT_EXECUTED = "not executed"
    ASK = "ask"
    LATER = "later"


class Settled(msgspec.Struct, frozen=True, gc=False):
    """`detail` is how we know, or the question."""

    settlement: Settlement
    detail: str = ""


class Hands(Protocol):
    """Whoever changes the world for a run. None of these raises for what the world does."""

    async def prepare(self, run: Run, record: StageRecord) -> Prepared: ...

    async def send(self, run: Run, record: StageRecord, ready: Ready, at: datetime) -> Outcome: ...

    async def settle(self, run: Run, record: StageRecord, attempt: Attempt) -> Settled: ...

    async def verify(self, run: Run, record: StageRecord, outcome: Outcome) -> Verification: ...
