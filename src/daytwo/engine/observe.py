"""Looking, in two rounds: first the resources, then what the checks want beyond them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from daytwo.catalog import Check
from daytwo.model.answer import Answers
from daytwo.model.gap import Want
from daytwo.model.origin import Origin, Place
from daytwo.model.progress import OnProgress
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot


class Source(Protocol):
    """Where a snapshot comes from: a live cluster or a recording."""

    async def read(self, scope: Scope, on_progress: OnProgress) -> Snapshot: ...

    async def answer(self, wants: Sequence[Want]) -> Answers: ...


class FileSource(Source, Protocol):
    """Files as a source, which can say where a field stands. `notes` tell what was read otherwise than it may seem, once it was read."""

    @property
    def notes(self) -> Sequence[str]: ...

    @property
    def files(self) -> int: ...

    @property
    def texts(self) -> Mapping[str, str]: ...

    def locate(self, origin: Origin, path: str) -> Place: ...


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
