"""What came of an attempt, and what looking again says of it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from daytwo.model.masking import mask


class Status(StrEnum):
    """`done`: the API server stored it. `failed`: it certainly did not. `unknown`: it may have."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The end of one attempt. `uid`, `generation` and `resource_version` are those of the answer, for whoever verifies and undoes.

    `is_retryable`, of what failed: nothing was stored, and a new attempt on what stands there then may succeed.
    """

    status: Status
    at: datetime
    detail: str = ""
    uid: str = ""
    generation: int | None = None
    resource_version: str = ""
    warnings: tuple[str, ...] = ()
    is_retryable: bool = False

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "detail", mask(self.detail))
        msgspec.structs.force_setattr(self, "warnings", tuple(map(mask, self.warnings)))


class Seen(StrEnum):
    """Whether what was wanted has come about."""

    DONE = "done"
    NOT_YET = "not yet"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Verification(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What looking again says: `detail` such as `3 of 5 ready`. `mark` moves as long as there is progress: it restarts the deadline."""

    seen: Seen
    detail: str = ""
    mark: str = ""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "detail", mask(self.detail))
