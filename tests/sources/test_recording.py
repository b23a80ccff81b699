"""A recording gives back the snapshot it was made of, refuses everything else in words, and is written whole or not at all."""

import asyncio
import gc
import gzip
import json
import os
import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from daytwo import catalog
from daytwo.engine.judge import judge
from daytwo.model.cluster import Cluster
from daytwo.model.errors import UsageError
from daytwo.model.gap import SPECS_NOT_KEPT, Gap, Unseen, Want
from daytwo.model.metadata import Metadata
from daytwo.model.occurrence import Occurrence, Series
from daytwo.model.pod import Pod
from daytwo.model.progress import Progress
from daytwo.model.ref import Cell, Ref
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Reading, Snapshot, by_kind
from daytwo.model.workload import CustomSpec, CustomWorkload
from daytwo.sources import recording
from daytwo.sources.recording import Recording, read_recording, write_recording
from tests.specimen import snapshot_of

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
LOGS = Want("logs", "shop/web-1/app")
REFUSED = Want("logs", "shop/web-2/app")
UNASKED = Want("logs", "shop/web-3/app")


def shop() -> Snapshot:
    """Two namespaces, a node, a lease, a custom workload, an answered want, a refused one, and namespace vault that hides its Secrets."""
    plain = snapshot_of(
        {
            "at": AT,
            "items": [
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "vault"}},
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}},
                {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "n1", "namespace": "kube-node-lease"}},
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1", "namespace": "shop", "labels": {"b": "2", "a": "1"}}},
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "safe-1", "namespace": "vault"}},
            ],
        }
    )
    custom = CustomWorkload(
        kind="Service.serving.knative.dev", metadata=Metadata(name="api", namespace="shop"), spec=CustomSpec(replicas=2)
    )
    return replace(
        plain,
        resources=by_kind([*plain.all(), custom]),
        cluster=Cluster(name="shop-prod", uid="u-1", version="v1.36.2", user="viewer"),
        gaps=(
            Gap("kubernetes", "secrets in namespace vault", "forbidden for user viewer", Cell("Secret", "vault")),
            Gap("logs", REFUSED.query, "forbidden for user viewer", want=REFUSED),
        ),
        occurrences=(
            Occurrence(AT, "log", Ref("Pod", "shop", "web-1"), "panic: no config", "logs", "app"),
            Occurrence(None, "log", Ref("Pod", "shop", "web-1"), "exit 1", "logs", "app"),
        ),
        series=(Series("up", {"job": "web"}, array("d", [1.0, 2.0, 3.0]), array("d", [1.5, float("nan"), float("-inf")]), "ratio"),),
        answered=frozenset([LOGS]),
    )


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "shop.recording"
    write_recording(shop(), path)
    return path


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def pack(path: Path, lines: Sequence[dict[str, Any] | bytes]) -> Path:
    """A recording with these lines, whatever they are."""
    path.write_bytes(gzip.compress(b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)))
    return path


def read(path: Path, *namespaces: str) -> Snapshot:
    return asyncio.run(Recording(path).read(Scope(namespaces), lambda progress: None))


# -- the same comes back ----------------------------------------------------------------------------------------------


def test_what_was_written_is_read(recorded: Path) -> None:
    """Everything a snapshot holds survives; a series too, with the numbers that JSON cannot say."""
    written, found = shop(), read_recording(recorded)
    assert replace(found, series=()) == replace(written, series=(), gaps=tuple(sorted(written.gaps, key=str)))
    [series] = found.series
    assert (series.name, series.labels, series.times.tolist(), series.unit) == ("up", {"job": "web"}, [1.0, 2.0, 3.0], "ratio")
    assert [str(value) for value in series.values] == ["1.5", "nan", "-inf"]


def test_same_snapshot_gives_same_bytes(tmp_path: Path) -> None:
    """Neither the clock nor the order of objects, labels, gaps or sets shows in the bytes."""
    first, second = tmp_path / "a.recording", tmp_path / "b.recording"
    snapshot = shop()
    write_recording(snapshot, first)
    shuffled = {kind: tuple(reversed(found)) for kind, found in reversed(list(snapshot.resources.items()))}
    write_recording(replace(snapshot, resources=shuffled, gaps=tuple(reversed(snapshot.gaps))), second)
    assert first.read_bytes() == second.read_bytes()
    write_recording(read_recording(first), second)
    assert first.read_bytes() == second.read_bytes()


def test_objects_stand_by_kind_namespace_and_name(recorded: Path) -> None:
    places = [
        (line["kind"], line["object"]["metadata"].get("namespace", ""), line["object"]["metadata"]["name"])
        for line in lines_of(recorded)
        if "kind" in line
    ]
    assert len(places) == 7
    assert places == sorted(places)


def test_empty_snapshot_is_a_recording(tmp_path: Path) -> None:
    empty = Snapshot(taken_at=AT, cluster=Cluster("nothing"), resources={}, readings={})
    write_recording(empty, tmp_path / "empty.recording")
    assert read_recording(tmp_path / "empty.recording") == empty


def test_reading_shows_progress_and_leaves_the_collector_as_it_was(recorded: Path) -> None:
    seen: list[Progress] = []
    assert gc.isenabled()
    read_recording(recorded, seen.append)
    assert gc.isenabled()
    assert seen[-1] == Progress(kinds_read=5, kinds=5, objects=7, gaps=2)


# -- other versions ---------------------------------------------------------------------------------------------------


def test_newer_format_asks_for_an_upgrade(tmp_path: Path, recorded: Path) -> None:
    """Even when nothing but format and version is as it used to be."""
    path = pack(tmp_path / "new.recording", [{"format": recording.FORMAT, "version": 3, "taken_at": ["other"]}, b"\x00\x01"])
    with pytest.raises(UsageError, match=r"new\.recording:1: was made by a later daytwo \(format 3; .*upgrade daytwo"):
        read_recording(path)


def test_what_the_first_format_did_not_keep_is_unknown_and_not_absent(tmp_path: Path, recorded: Path) -> None:
    """Its pods have no security context because nobody kept it: that says nothing about the pods."""
    lines = lines_of(recorded)
    lines[0]["version"] = 1
    old, new = read_recording(pack(tmp_path / "old.recording", lines)), read_recording(recorded)
    check = catalog.find_check("pod-security/privilege-escalation-allowed")
    assert not old.has_whole_specs
    assert old.coverage.ratio < new.coverage.ratio
    assert [finding.gap for finding in judge(old, [check]).findings] == [SPECS_NOT_KEPT]
    assert SPECS_NOT_KEPT not in [finding.gap for finding in judge(new, [check]).findings]


def test_unknown_fields_and_lines_are_skipped(tmp_path: Path, recorded: Path) -> None:
    """A later daytwo may say more in a file of the same format."""
    lines = lines_of(recorded)
    for line in lines:
        line["novelty"] = {"deep": [1, 2]}
        if "object" in line:
            line["object"]["novelty"] = line["object"]["metadata"]["novelty"] = [None]
    path = pack(tmp_path / "more.recording", [*lines, {"weather": "fine"}])
    assert replace(read_recording(path), series=()) == replace(read_recording(recorded), series=())


def test_unknown_kind_is_a_gap(tmp_path: Path, recorded: Path) -> None:
    """Its objects are counted and left out, and whoever asks for the kind is told so."""
    header, *lines = lines_of(recorded)
    header["counts"]["objects"]["Teapot"] = 2
    header["readings"]["Teapot"] = {"is_served": True}
    path = pack(tmp_path / "kinds.recording", [header, {"kind": "Teapot", "object": {"short": 1}}, {"kind": "Teapot", "object": 3}, *lines])
    found = read_recording(path)
    assert found.count == 7
    assert Gap("recording", "Teapot", "this version of daytwo does not know the kind; 2 objects left out", Cell("Teapot")) in found.gaps
    assert not found.is_read("Teapot")


def test_reading_of_a_kind_made_before_it_was_read_is_unseen(tmp_path: Path, recorded: Path) -> None:
    """A recording by an earlier daytwo says nothing about kinds that it did not ask for: unknown, not none."""
    header, *lines = lines_of(recorded)
    del header["readings"]["Secret"]
    found = read_recording(pack(tmp_path / "early.recording", [header, *lines]))
    assert not found.is_read("Secret", "shop")


# -- part of a recording ----------------------------------------------------------------------------------------------


def test_scope_keeps_its_namespaces_and_what_has_none(recorded: Path) -> None:
    found = read(recorded, "shop")
    assert {str(resource.ref) for resource in found.all()} == {
        "Namespace shop",
        "Namespace vault",
        "Node n1",
        "Lease kube-node-lease/n1",
        "Pod shop/web-1",
        "Service.serving.knative.dev shop/api",
    }
    assert found.gaps == (Gap("logs", REFUSED.query, "forbidden for user viewer", want=REFUSED),)
    assert found.of(Pod, "shop")
    with pytest.raises(Unseen, match="only shop was looked at"):
        found.of(Pod, "vault")
    with pytest.raises(Unseen):
        found.of(Pod)
    assert found.is_read("Node")
    assert read(recorded, "vault").answered == frozenset()


def test_namespace_that_nobody_recorded_is_a_gap(tmp_path: Path) -> None:
    """Asking a recording of shop for vault is not answered with an empty vault."""
    path = tmp_path / "part.recording"
    readings = {"Pod": Reading(namespaces=frozenset(["shop"])), "Service": Reading(namespaces=frozenset(["shop"])), "Node": Reading()}
    write_recording(replace(shop(), readings=readings, gaps=()), path)
    found = read(path, "vault")
    assert found.gaps == (Gap("recording", "namespace vault", "not in this recording", cells=2),)
    assert not found.is_read("Pod", "vault")
    assert found.coverage.ratio < 0.5


def test_gap_of_other_namespaces_does_not_concern_those_that_were_read(tmp_path: Path) -> None:
    """Secrets were listed in shop and refused in two others: -n shop has no gap, -n shop -n vault has one cell of it."""
    path = tmp_path / "part.recording"
    rest = Gap("kubernetes", "secrets in 2 namespaces", "forbidden", Cell("Secret"), cells=2)
    write_recording(replace(shop(), readings={"Secret": Reading(namespaces=frozenset(["shop"])), "Pod": Reading()}, gaps=(rest,)), path)
    assert read(path, "shop").gaps == ()
    both = read(path, "shop", "vault")
    assert [gap.cells for gap in both.gaps] == [1]
    assert both.is_read("Secret", "shop")
    assert not both.is_read("Secret", "vault")


def test_recorded_answers_are_given_and_others_are_gaps(recorded: Path) -> None:
    source = Recording(recorded)
    answers = asyncio.run(source.answer([UNASKED, LOGS, REFUSED]))
    assert answers.answered == {LOGS}
    assert [occurrence.summary for occurrence in answers.occurrences] == ["panic: no config", "exit 1"]
    assert [str(gap) for gap in answers.gaps] == [
        "shop/web-2/app: forbidden for user viewer",
        "logs of shop/web-3/app: not in this recording",
    ]


# -- everything else is refused in words ------------------------------------------------------------------------------

Change = Callable[[list[dict[str, Any]]], Sequence[dict[str, Any] | bytes]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda lines: [], "bad.recording: is empty", id="nothing"),
        pytest.param(lambda lines: [b"kind: Pod"], "bad.recording:1: is not a recording: its first line is no header", id="not JSON"),
        pytest.param(lambda lines: [{"kind": "Pod"}], "bad.recording:1: is not a recording: its first line is no header", id="other JSON"),
        pytest.param(lambda lines: [b"[" * 100_000], "bad.recording:1: is not a recording: its first line is no header", id="deep header"),
        pytest.param(
            lambda lines: [{"format": recording.FORMAT, "version": "1"}],
            "bad.recording:1: is not a recording: its first line is no header",
            id="version is no number",
        ),
        pytest.param(
            lambda lines: [{**lines[0], "taken_at": "yesterday"}],
            "bad.recording:1: is not a line of a recording: Invalid RFC3339 encoded datetime",
            id="taken when",
        ),
        pytest.param(
            lambda lines: [{**lines[0], "taken_at": "0001-01-01T00:00:00Z"}], "between the years 2000 and 2200", id="taken long ago"
        ),
        pytest.param(lambda lines: [{**lines[0], "taken_at": "2026-11-20T08:00:00"}], "with a timezone component", id="taken where"),
        pytest.param(lambda lines: [*lines[:1], b"{", *lines[1:]], "bad.recording:2: is not JSON: ", id="line is not JSON"),
        pytest.param(lambda lines: [*lines, b""], "bad.recording:15: is not JSON: ", id="empty line"),
        pytest.param(lambda lines: [*lines, b'{"kind": "\xff"}'], "bad.recording:15: is not JSON: ", id="not UTF-8"),
        pytest.param(lambda lines: [*lines, b"[3]"], "bad.recording:15: is not a line of a recording: ", id="line is a list"),
        pytest.param(
            lambda lines: [*lines, {"kind": "Pod", "object": {"spec": {"nodeName": 3}}}],
            "bad.recording:15: is not a line of a recording: Expected `str`, got `int` - at `$.spec.nodeName`",
            id="object is odd",
        ),
        pytest.param(
            lambda lines: [*lines, {"kind": "Pod"}], "bad.recording:15: is not a line of a recording: it has a kind but no", id="no object"
        ),
        pytest.param(
            lambda lines: [*lines, b'{"kind":"Pod","object":' + b'{"x":' * 100_000],
            "bad.recording:15: is nested too deeply",
            id="deep object",
        ),
        pytest.param(
            lambda lines: [*lines, {"series": {"name": "x", "labels": {}, "times": [1.0], "values": [], "unit": ""}}],
            "bad.recording:15: is not a line of a recording: series x: 1 times but 0 values",
            id="uneven series",
        ),
        pytest.param(
            lambda lines: [*lines, {"series": {"name": "x", "labels": {}, "times": [1.0], "values": ["much"], "unit": ""}}],
            "bad.recording:15: is not a line of a recording: could not convert string to float: 'much'",
            id="odd number",
        ),
        pytest.param(
            lambda lines: lines[:-1],
            "bad.recording:13: is not complete: the header says 7 objects of 5 kinds and 6 other lines, "
            "the file holds 7 objects of 5 kinds and 5 other lines",
            id="last line is missing",
        ),
        pytest.param(lambda lines: [lines[0], *lines[2:]], "bad.recording:13: is not complete: ", id="an object is missing"),
    ],
)
def test_damaged_recording_is_refused_with_its_line(tmp_path: Path, recorded: Path, change: Change, says: str) -> None:
    path = pack(tmp_path / "bad.recording", change(lines_of(recorded)))
    with pytest.raises(UsageError, match=re.escape(says)):
        read_recording(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda data: b"", "is empty", id="empty file"),
        pytest.param(lambda data: b"PK\x03\x04", "is not a recording: not gzip data", id="zip"),
        pytest.param(lambda data: b"apiVersion: v1\nkind: Pod\n", "is not a recording: not gzip data", id="manifest"),
        pytest.param(lambda data: data[:-20], "is cut short", id="cut in the data"),
        pytest.param(lambda data: data[:-3], "is cut short", id="cut in the checksum"),
        pytest.param(lambda data: data[:5], "is cut short", id="cut in the head"),
        pytest.param(lambda data: data[:-8] + b"abcd" + data[-4:], "is damaged: CRC check failed", id="other checksum"),
        pytest.param(lambda data: data[:40] + bytes(20) + data[60:], "is ", id="other bytes"),
        pytest.param(lambda data: data + b"more", "is damaged: Not a gzipped file", id="bytes after the end"),
    ],
)
def test_damaged_file_is_refused(tmp_path: Path, recorded: Path, change: Callable[[bytes], bytes], says: str) -> None:
    path = tmp_path / "bad.recording"
    path.write_bytes(change(recorded.read_bytes()))
    with pytest.raises(UsageError, match=re.escape(says)):
        read_recording(path)


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.recording: No such file or directory"):
        read_recording(tmp_path / "none.recording")
    with pytest.raises(UsageError, match="Is a directory"):
        read_recording(tmp_path)


def test_bomb_is_refused_before_it_goes_off(tmp_path: Path, recorded: Path) -> None:
    """A small file that unpacks to gigabytes: stopped at the first line that is too long, or when it has grown 300-fold."""
    header, *_ = lines_of(recorded)
    path = pack(tmp_path / "bomb.recording", [header, b" " * (17 * 2**20)])
    with pytest.raises(UsageError, match=r"bomb\.recording:2: is not a recording: the line is longer than 16 MiB"):
        read_recording(path)
    path = pack(tmp_path / "bomb.recording", [header, *[b'{"answered":{"source":"logs","query":"a"},"x":"%b"}' % (b"x" * 2**20)] * 20])
    with pytest.raises(UsageError, match=r"bomb\.recording:17: is not a recording: it unpacks to more than 16 MiB"):
        read_recording(path)


def test_pipe_is_read_too(recorded: Path) -> None:
    """`daytwo review <(curl …)`: a recording need not be a regular file."""
    reading, writing = os.pipe()
    try:
        os.write(writing, recorded.read_bytes())
        os.close(writing)
        assert read_recording(Path(f"/dev/fd/{reading}")).count == 7
    finally:
        os.close(reading)


# -- whole or not at all ----------------------------------------------------------------------------------------------


class _Broken(Exception):
    pass


def test_interrupted_write_leaves_the_old_file(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = recorded.read_bytes()

    def interrupted(snapshot: Snapshot) -> Any:
        yield b"{}"
        raise _Broken

    monkeypatch.setattr(recording, "_lines_of", interrupted)
    with pytest.raises(_Broken):
        write_recording(shop(), recorded)
    assert recorded.read_bytes() == before
    assert [file.name for file in recorded.parent.iterdir()] == ["shop.recording"]


def test_write_follows_a_link_and_keeps_the_umask(tmp_path: Path) -> None:
    target, link = tmp_path / "target.recording", tmp_path / "link.recording"
    link.symlink_to(target)
    write_recording(shop(), link)
    assert link.is_symlink()
    assert read_recording(target).count == 7
    umask = os.umask(0o077)
    os.umask(umask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~umask


def test_path_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.recording: cannot be written: No such file or directory"):
        write_recording(shop(), tmp_path / "none" / "a.recording")
    with pytest.raises(UsageError, match="cannot be written: is not a file"):
        write_recording(shop(), tmp_path)
    with pytest.raises(UsageError, match=r"/dev/null: cannot be written: is not a file"):
        write_recording(shop(), Path("/dev/null"))
    assert not list(tmp_path.iterdir())
