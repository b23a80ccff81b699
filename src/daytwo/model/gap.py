"""What was asked for beyond the resources, and what could not be read: hidden is unknown, never fine."""

from typing import Final

import msgspec

from daytwo.model.masking import mask
from daytwo.model.ref import Cell


class Want(msgspec.Struct, frozen=True, order=True, omit_defaults=True, gc=False):
    """What a check or report needs beyond the resources. `source` names who answers: `logs`, later `prometheus`.

    The query of `logs` is `namespace/pod/container`.
    """

    source: str
    query: str
    window_seconds: int = 0


class Gap(msgspec.Struct, frozen=True, order=True, omit_defaults=True, gc=False):
    """What could not be read. `wanted` and `reason` are for people; `cell` or `want` say which conclusions it leaves open.

    `cells` is how many cells are lost by it (a kind in an unknown number of namespaces counts one).
    """

    source: str
    wanted: str
    reason: str
    cell: Cell | None = None
    want: Want | None = None
    cells: int = 1

    def __post_init__(self) -> None:
        # Reasons quote what servers and plugins said.
        msgspec.structs.force_setattr(self, "reason", mask(self.reason))

    def __str__(self) -> str:
        return f"{self.wanted}: {self.reason}"


class Unseen(Exception):
    """Raised when a conclusion needs a cell that was not read. Only the judge catches it, and says *unknown*."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(str(gap))
        self.gap = gap


SPECS_NOT_KEPT: Final = Gap("recording", "how workloads are set up", "an earlier daytwo recorded this and did not keep it; record anew")
"""Of a recording of the first format: a field that is absent there may have been set."""
