"""A recording: one snapshot in one file, gzip of JSON Lines, that any later daytwo can read.

The first line is the header (format, version, taken_at, cluster, readings, counts). Then stands one line for each object,
by kind, namespace and name, and then the series, occurrences, answered wants and gaps. The same snapshot gives the same bytes.
Nothing secret enters a recording because nothing secret enters the model (see model/masking.py).
"""

import gc
import gzip
import math
import os
import stat
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final, NoReturn
from uuid import uuid4

import msgspec

from daytwo.model.answer import Answers
from daytwo.model.cluster import Cluster
from daytwo.model.errors import UsageError
from daytwo.model.foreign import ForeignObject
from daytwo.model.gap import SPECS_NOT_KEPT, Gap, Want
from daytwo.model.kinds import BY_NAME
from daytwo.model.metadata import Resource
from daytwo.model.moment import Moment
from daytwo.model.occurrence import Occurrence, Series
from daytwo.model.ownership import NOTHING, Ownership
from daytwo.model.progress import OnProgress, Progress
from daytwo.model.ref import Cell
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Reading, Snapshot, by_kind
from daytwo.model.workload import CustomWorkload

SUFFIX: Final = ".recording"
FORMAT: Final = "daytwo recording"
VERSION: Final = 2
# From here on recordings keep how workloads are set up, not only what problems need.
_WHOLE_SPECS_SINCE: Final = 2

# What a file may unpack to. etcd stores no object above 1.5 MB, and real recordings shrink ten- to fiftyfold.
_LONGEST_LINE: Final = 16 * 2**20
_LARGEST_TOTAL: Final = 8 * 2**30
_ANY_TOTAL: Final = 16 * 2**20
_LARGEST_RATIO: Final = 300

_OBJECTS_PER_PROGRESS: Final = 500


class _Counts(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How many lines of each sort follow the header: tells a file that was cut between two lines."""

    objects: dict[str, int] = {}
    series: int = 0
    occurrences: int = 0
    answered: int = 0
    gaps: int = 0


class _Format(msgspec.Struct, frozen=True, gc=False):
    """The part of the header that every version keeps."""

    format: str = ""
    version: int = 0


class _Header(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    format: str
    version: int
    taken_at: Moment
    cluster: Cluster
    readings: dict[str, Reading]
    counts: _Counts = _Counts()
    is_of_files: bool = False
    ownership: Ownership = NOTHING


class _SeriesLine(msgspec.Struct, frozen=True, gc=False):
    """A series; numbers that JSON cannot say are written as Prometheus writes them: NaN, +Inf, -Inf."""

    name: str
    labels: dict[str, str]
    times: list[float]
    values: list[float | str]
    unit: str


class _Line(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Any line but the header. Exactly one of the fields is set (`kind` and `object` go together); later versions may add others."""

    kind: str = ""
    object: Resource | msgspec.Raw | None = None
    series: _SeriesLine | None = None
    occurrence: Occurrence | None = None
    answered: Want | None = None
    gap: Gap | None = None


class _LineRead(msgspec.Struct, frozen=True, gc=False):
    """The same as read: the object waits for the decoder of its kind."""

    kind: str = ""
    object: msgspec.Raw = msgspec.Raw()
    series: _SeriesLine | None = None
    occurrence: Occurrence | None = None
    answered: Want | None = None
    gap: Gap | None = None


class Recording:
    """A recording as a source: what it holds is what there is, and it is judged at the time it was taken."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._snapshot: Snapshot | None = None

    async def read(self, scope: Scope, on_progress: OnProgress) -> Snapshot:
        self._snapshot = read_recording(self._path, on_progress)
        return _within(self._snapshot, scope)

    async def answer(self, wants: Sequence[Want]) -> Answers:
        """The answers that were recorded; nothing else can be asked any more."""
        recorded = self._snapshot or read_recording(self._path)
        gaps = {gap.want: gap for gap in recorded.gaps if gap.want is not None}
        answered = frozenset(wants) & recorded.answered
        return Answers(
            answered=answered,
            occurrences=tuple(occurrence for want in sorted(answered) for occurrence in recorded.answer(want)),
            gaps=tuple(
                gaps.get(want) or Gap("recording", f"{want.source} of {want.query}", "not in this recording", want=want)
                for want in sorted(set(wants) - answered)
            ),
        )


def write_recording(snapshot: Snapshot, path: Path) -> None:
    """Writes a snapshot, whole or not at all. UsageError says why `path` cannot be written."""
    with _replaced(path) as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        for line in _lines_of(snapshot):
            packed.write(line)
            packed.write(b"\n")


def read_recording(path: Path, on_progress: OnProgress | None = None) -> Snapshot:
    """The snapshot in a recording. UsageError names the file, the line and what is wrong with it, whatever its bytes are."""
    try:
        with path.open("rb") as file, _gc_paused():
            return _Reader(path).read(file, on_progress)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None


# -- writing ----------------------------------------------------------------------------------------------------------


def _lines_of(snapshot: Snapshot) -> Iterator[bytes]:
    encode = msgspec.json.Encoder(order="deterministic").encode
    resources = {kind: found for kind, found in sorted(snapshot.resources.items()) if found}
    yield encode(
        _Header(
            format=FORMAT,
            version=VERSION,
            taken_at=snapshot.taken_at,
            cluster=snapshot.cluster,
            readings=dict(snapshot.readings),
            counts=_Counts(
                objects={kind: len(found) for kind, found in resources.items()},
                series=len(snapshot.series),
                occurrences=len(snapshot.occurrences),
                answered=len(snapshot.answered),
                gaps=len(snapshot.gaps),
            ),
            is_of_files=snapshot.is_of_files,
            ownership=snapshot.ownership,
        )
    )
    for kind, found in resources.items():
        for resource in sorted(found, key=_place):
            yield encode(_Line(kind=kind, object=resource))
    for series in snapshot.series:
        values = [value if math.isfinite(value) else _unsayable(value) for value in series.values]
        yield encode(_Line(series=_SeriesLine(series.name, series.labels, list(series.times), values, series.unit)))
    for occurrence in snapshot.occurrences:
        yield encode(_Line(occurrence=occurrence))
    for want in sorted(snapshot.answered):
        yield encode(_Line(answered=want))
    yield from sorted(encode(_Line(gap=gap)) for gap in snapshot.gaps)


def _place(resource: Resource) -> tuple[str, str, str]:
    return (
        resource.metadata.namespace,
        resource.metadata.name,
        resource.kind if isinstance(resource, CustomWorkload | ForeignObject) else "",
    )


def _unsayable(value: float) -> str:
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` once it is complete and on disk; after any error `path` is as it was."""
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            raise UsageError(f"{path}: cannot be written: is not a file")
        new = target.with_name(f".{target.name}.{uuid4().hex[:8]}")
        try:
            with new.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            new.replace(target)
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


# -- reading ----------------------------------------------------------------------------------------------------------


class _Reader:
    """Reads one file; holds the number of the line it is at, so that whatever is wrong can be pointed at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = 0

    def read(self, file: BinaryIO, on_progress: OnProgress | None) -> Snapshot:
        lines = self._lines(file)
        header = self._header(lines)
        decode_line = msgspec.json.Decoder(_LineRead).decode
        resources: list[Resource] = []
        series: list[Series] = []
        occurrences: list[Occurrence] = []
        answered: set[Want] = set()
        gaps: list[Gap] = []
        counts: dict[str, int] = {}
        kind, decode = "", _decoder("")
        with self._explained():
            for line in lines:
                found = decode_line(line)
                if found.kind:
                    if found.kind != kind:
                        kind, decode = found.kind, _decoder(found.kind)
                    counts[kind] = counts.get(kind, 0) + 1
                    if not bytes(found.object):
                        self._refuse("is not a line of a recording: it has a kind but no object")
                    if decode is not None:
                        resources.append(decode(found.object))
                elif found.series is not None:
                    series.append(_series(found.series))
                elif found.occurrence is not None:
                    occurrences.append(found.occurrence)
                elif found.answered is not None:
                    answered.add(found.answered)
                elif found.gap is not None:
                    gaps.append(found.gap)
                if on_progress is not None and self._number % _OBJECTS_PER_PROGRESS == 0:
                    on_progress(Progress(len(counts), len(header.counts.objects), len(resources), len(gaps)))
        self._complete(
            header.counts,
            _Counts(counts, series=len(series), occurrences=len(occurrences), answered=len(answered), gaps=len(gaps)),
        )
        has_whole_specs = header.version >= _WHOLE_SPECS_SINCE
        gaps += () if has_whole_specs else (SPECS_NOT_KEPT,)
        gaps += (_unknown_kind(kind, count) for kind, count in counts.items() if _decoder(kind) is None)
        if on_progress is not None:
            on_progress(Progress(len(counts), len(counts), len(resources), len(gaps)))
        return Snapshot(
            taken_at=header.taken_at,
            cluster=header.cluster,
            resources=by_kind(resources),
            readings=header.readings,
            is_of_files=header.is_of_files,
            ownership=header.ownership,
            has_whole_specs=has_whole_specs,
            gaps=tuple(gaps),
            occurrences=tuple(occurrences),
            series=tuple(series),
            answered=frozenset(answered),
        )

    def _header(self, lines: Iterator[bytes]) -> _Header:
        line = next(lines, None)
        if line is None:
            self._refuse("is empty")
        try:
            found = msgspec.json.decode(line, type=_Format)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._refuse("is not a recording: its first line is no header")
        if found.format != FORMAT or found.version < 1:
            self._refuse("is not a recording: its first line is no header")
        if found.version > VERSION:
            self._refuse(f"was made by a later daytwo (format {found.version}; this one reads up to {VERSION}): upgrade daytwo to read it")
        with self._explained():
            header = msgspec.json.decode(line, type=_Header)
        if not 2000 <= header.taken_at.year < 2200:
            self._refuse(f"taken_at {header.taken_at.isoformat()} is not between the years 2000 and 2200")
        return header

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        """The unpacked lines, in bounded memory whatever the file claims to be."""
        status = os.fstat(file.fileno())
        most = _LARGEST_TOTAL
        if stat.S_ISREG(status.st_mode):
            most = min(most, max(_ANY_TOTAL, _LARGEST_RATIO * status.st_size))
        total = 0
        with gzip.GzipFile(fileobj=file, mode="rb") as packed:
            while True:
                try:
                    line = packed.readline(_LONGEST_LINE + 1)
                except EOFError:
                    self._refuse("is cut short: the file ends in the middle")
                except gzip.BadGzipFile as error:
                    if total == 0:
                        self._refuse("is not a recording: not gzip data")
                    self._refuse(f"is damaged: {error}")
                except zlib.error as error:
                    self._refuse(f"is damaged: {error}")
                if not line:
                    return
                self._number += 1
                total += len(line)
                if len(line) > _LONGEST_LINE:
                    self._refuse(f"is not a recording: the line is longer than {_LONGEST_LINE // 2**20} MiB")
                if total > most:
                    self._refuse(f"is not a recording: it unpacks to more than {most // 2**20} MiB")
                yield line

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except msgspec.ValidationError as error:
            self._refuse(f"is not a line of a recording: {error}")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._refuse(f"is not JSON: {error}")
        except RecursionError:
            self._refuse("is nested too deeply")

    def _complete(self, said: _Counts, found: _Counts) -> None:
        if said != found:
            self._refuse(f"is not complete: the header says {_told(said)}, the file holds {_told(found)}")

    def _refuse(self, what: str) -> NoReturn:
        where = f"{self._path}:{self._number}" if self._number else f"{self._path}"
        raise UsageError(f"{where}: {what}") from None


@cache
def _decoder(kind: str) -> Callable[[msgspec.Raw], Resource] | None:
    """How objects of a kind are read; None for kinds that this version does not know."""
    if kind == CustomWorkload.KIND:
        return msgspec.json.Decoder(CustomWorkload).decode
    if kind == ForeignObject.KIND:
        return msgspec.json.Decoder(ForeignObject).decode
    known = BY_NAME.get(kind)
    return msgspec.json.Decoder(known.type).decode if known is not None else None


def _series(line: _SeriesLine) -> Series:
    try:
        return Series(line.name, line.labels, array("d", line.times), array("d", map(float, line.values)), line.unit)
    except ValueError as error:
        raise msgspec.ValidationError(str(error)) from None


def _told(counts: _Counts) -> str:
    lines = counts.series + counts.occurrences + counts.answered + counts.gaps
    return f"{sum(counts.objects.values())} objects of {len(counts.objects)} kinds and {lines} other lines"


def _unknown_kind(kind: str, count: int) -> Gap:
    objects = f"{count} object" + ("s" if count != 1 else "")
    return Gap("recording", kind, f"this version of daytwo does not know the kind; {objects} left out", Cell(kind))


@contextmanager
def _gc_paused() -> Iterator[None]:
    """While only acyclic values are made there is nothing to collect, and looking for it takes longer than reading.

    Afterwards they count as old: else the next collection would walk all of them.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if was_enabled:
            gc.enable()


# -- a part of it -----------------------------------------------------------------------------------------------------


def _within(snapshot: Snapshot, scope: Scope) -> Snapshot:
    """The part of a snapshot that a reader with this scope would have seen."""
    if not scope.namespaces:
        return snapshot
    namespaces = frozenset(scope.namespaces)
    readings = {name: _reading_within(name, reading, namespaces) for name, reading in snapshot.readings.items()}
    scoped = [reading for name, reading in snapshot.readings.items() if _is_scoped(name) and reading.is_served]
    missing = [name for name in sorted(namespaces) if not any(_was_read(reading, name) for reading in scoped)]
    return replace(
        snapshot,
        resources={
            kind: kept
            for kind, found in snapshot.resources.items()
            if (kept := tuple(resource for resource in found if not _is_scoped(kind) or resource.metadata.namespace in namespaces))
        },
        readings=readings,
        gaps=(
            *(part for gap in snapshot.gaps if (part := _gap_within(gap, namespaces, snapshot.readings)) is not None),
            *(Gap("recording", f"namespace {name}", "not in this recording", cells=len(scoped)) for name in missing),
        ),
        occurrences=tuple(found for found in snapshot.occurrences if found.subject.namespace in ("", *namespaces)),
        answered=frozenset(want for want in snapshot.answered if _is_about(want, namespaces)),
    )


def _is_scoped(kind: str) -> bool:
    """Whether a scope limits this kind: not the cluster-scoped ones, nor those that are read in one namespace only."""
    known = BY_NAME.get(kind)
    return known is None or (known.is_namespaced and not known.only_namespace)


def _was_read(reading: Reading, namespace: str) -> bool:
    return reading.namespaces is None or namespace in reading.namespaces


def _reading_within(kind: str, reading: Reading, namespaces: frozenset[str]) -> Reading:
    if not _is_scoped(kind):
        return reading
    return replace(reading, namespaces=namespaces if reading.namespaces is None else reading.namespaces & namespaces)


def _gap_within(gap: Gap, namespaces: frozenset[str], readings: Mapping[str, Reading]) -> Gap | None:
    """What of a gap concerns these namespaces: one that names only a kind leaves standing where its reading says it was read."""
    if gap.want is not None:
        return gap if _is_about(gap.want, namespaces) else None
    if gap.cell is None or not _is_scoped(gap.cell.kind):
        return gap
    if gap.cell.namespace:
        return gap if gap.cell.namespace in namespaces else None
    reading = readings.get(gap.cell.kind, Reading(namespaces=frozenset()))
    hidden = namespaces - (reading.namespaces or frozenset())
    return msgspec.structs.replace(gap, cells=min(gap.cells, len(hidden))) if hidden else None


def _is_about(want: Want, namespaces: Iterable[str]) -> bool:
    return want.source != "logs" or want.query.partition("/")[0] in namespaces
