"""What is remembered from look to look: what each one concluded, and since when and how often each problem is known."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from daytwo.model.ref import Cell, Ref
from daytwo.model.severity import Horizon, Severity

WEEK: Final = timedelta(days=7)
"""How far back it is told how often a problem came back."""

SAME_EPISODE: Final = timedelta(hours=24)
"""A problem that is back this soon after it was gone was never really gone: its episode goes on."""


class Breadth(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How much of a cluster a look judged: no namespaces means all, no list of checks means all that there were."""

    namespaces: tuple[str, ...] = ()
    checks: tuple[str, ...] | None = None

    def covers(self, other: "Breadth") -> bool:
        """Whether a look of this breadth has seen all that one of the other breadth would see."""
        has_places = not self.namespaces or (bool(other.namespaces) and set(other.namespaces) <= set(self.namespaces))
        has_checks = self.checks is None or (other.checks is not None and set(other.checks) <= set(self.checks))
        return has_places and has_checks

    @property
    def is_whole(self) -> bool:
        return not self.namespaces and self.checks is None


class ProblemNote(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is kept of a problem. It rests on `touched` (its cause, the owners of its findings, the workloads hurt) and on `checks`."""

    id: str
    cause: Ref
    subject: str
    title: str
    severity: Severity
    horizon: Horizon
    touched: tuple[Ref, ...] = ()
    checks: tuple[str, ...] = ()


class BlindSpot(msgspec.Struct, frozen=True, order=True, gc=False):
    """A check that was unknown in these namespaces; in none named: anywhere."""

    check: str
    namespaces: tuple[str, ...] = ()


class Conclusion(msgspec.Struct, frozen=True, gc=False):
    """What one look at a cluster concluded, before anything is left out for a reader.

    `cluster` is the uid; `by` is who looked; `ran` names the checks that ran; `unread` are cells that could not be read.
    """

    cluster: str
    name: str
    at: datetime
    by: str
    breadth: Breadth
    ran: frozenset[str]
    problems: tuple[ProblemNote, ...] = ()
    blind: tuple[BlindSpot, ...] = ()
    unread: tuple[Cell, ...] = ()

    def would_tell(self, note: ProblemNote) -> bool:
        """Whether this look would have told the problem if it were still there.

        Not if any namespace or check that it rests on was left out, if any of its checks was unknown where it rests, or if any
        object that it touches is of a kind that could not be read there.
        """
        if not set(note.checks) <= self.ran:
            return False
        namespaces = {ref.namespace for ref in note.touched}
        if self.breadth.namespaces and not namespaces <= set(self.breadth.namespaces):
            return False
        for spot in self.blind:
            if spot.check in note.checks and (not spot.namespaces or "" in namespaces or not namespaces.isdisjoint(spot.namespaces)):
                return False
        return not any(cell.kind == ref.kind and cell.namespace in ("", ref.namespace) for cell in self.unread for ref in note.touched)


class Known(msgspec.Struct, frozen=True, gc=False):
    """Since when a problem is known and how often it came.

    This time it began at `began_at`, for the `times`-th time ever and the `times_in_a_week`-th in the last 7 days.
    """

    first_seen_at: datetime
    began_at: datetime
    times: int = 1
    times_in_a_week: int = 1


class Episode(msgspec.Struct, frozen=True, gc=False):
    """One stretch of time in which a problem was there. `ended_at` is the look that did not find it any more; None while it is there."""

    note: ProblemNote
    number: int
    first_seen_at: datetime
    began_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None = None


class Past(msgspec.Struct, frozen=True, gc=False):
    """With which look to compare: the last one at or before `at`; with a `day`, the one of that day (from, until) nearest to `at` first."""

    at: datetime
    day: tuple[datetime, datetime] | None = None


class LookBefore(msgspec.Struct, frozen=True, gc=False):
    """An earlier look: when it was, and the ids of all problems that were known to be there after it."""

    at: datetime
    problems: frozenset[str]
