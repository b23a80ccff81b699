"""Looking, in two rounds: first the resources, then what the checks want beyond them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from daytwo.catalog import Check
from daytwo.model.gap import Gap, Want
from daytwo.model.occurrence import Occurrence
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is."""

    kinds_read: int
    kinds: int
    objects: int
    gaps: int


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back for some wants: answered ones, with what occurred, and a gap for each of the others."""

    answered: frozenset[Want] = frozenset()
    occurrences: tuple[Occurrence, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Source(Protocol):
    """Where a snapshot comes from: a live cluster or a recording."""

    async def read(self, scope: Scope, on_progress: OnProgress) -> Snapshot: ...

    async def answer(self, wants: Sequence[Want]) -> Answers: ...


async def observe(source: Source, scope: Scope, checks: Iterable[Check], on_progress: OnProgress) -> Snapshot:
    """The snapshot that these checks need: resources first, then the answers to what they want beyond them."""
    snapshot = await source.read(scope, on_progress)
    wants = {want for check in checks if check.wants is not None for want in check.wants(snapshot)}
    open_wants = sorted(wants - snapshot.answered - {gap.want for gap in snapshot.gaps if gap.want is not None})
    if not open_wants:
        return snapshot
    answers = await source.answer(open_wants)
    return replace(
        snapshot,
        answered=snapshot.answered | answers.answered,
        occurrences=(*snapshot.occurrences, *answers.occurrences),
        gaps=(*snapshot.gaps, *answers.gaps),
    )
