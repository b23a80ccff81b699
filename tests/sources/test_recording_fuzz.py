"""Whatever bytes a recording is made of: it is read, or refused in one line; and what was read can be reviewed to the end."""

import gzip
import json
import random
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from bench.make_cluster import Size, make_cluster
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daytwo.app import Outside
from daytwo.cli.main import run
from daytwo.model.errors import UsageError
from daytwo.model.kinds import BY_NAME
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CustomWorkload
from daytwo.sources.recording import read_recording, write_recording
from tests.sources.test_recording import shop

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
MANY = settings(FEW, max_examples=5_000)
FEW_REVIEWS = settings(FEW, max_examples=8)
MANY_REVIEWS = settings(FEW, max_examples=500)

Value = Any
SEEDS = st.integers(0, 2**32)

# What values of each sort are replaced by: still of that sort, so that they get past the reader, but nothing one expects.
TIMES: Final = (
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z",
    "2026-11-20T08:00:00.123456Z",
    "2026-11-20T23:59:59+14:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
)
TEXTS: Final = (
    *(
        "",
        "a",
        "\x1b[31m\x00\x07",
        "é\u202e\u2028",
        "x" * 5_000,
        "0",
        "-1",
        "%",
        "None",
        "../..",
        "a b\nc",
        "🙂",
        "‹masked›",
        "{}",
        "$(x)",
        "'\"\\",
    ),
    *(
        "1e999",
        "9" * 40,
        "-5",
        "5Gi",
        "100m",
        "50%",
        "-50%",
        "200%",
        "v1.36.2",
        "v99",
        "True",
        "False",
        "Unknown",
        "* * * * *",
        "0 0 30 2 *",
    ),
    *(
        "web",
        "shop",
        "n1",
        "Pod",
        "apps/v1",
        "0/0 nodes are available: .",
        "0/7 nodes are available: 1 x, 2 y.",
        "Pending",
        "Failed",
        "Deployment",
    ),
)
NUMBERS: Final = (0, 1, -1, 2, 137, 2**31, -(2**31), 2**63 - 1, -(2**63), 10**15)


class Lines(list[bytes]):
    """Too many to show when a test fails."""

    def __repr__(self) -> str:
        return f"<{len(self)} lines>"


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    """The lines of a small cluster with faults, and of a snapshot with series, gaps and answers."""
    path = tmp_path_factory.mktemp("fuzz") / "x.recording"
    write_recording(make_cluster(Size(nodes=6, pods=60, objects=330)), path)
    cluster = gzip.decompress(path.read_bytes()).splitlines()
    write_recording(shop(), path)
    return Lines([*cluster, *gzip.decompress(path.read_bytes()).splitlines()[1:]])


def read_or_refuse(path: Path, data: bytes) -> Snapshot | None:
    path.write_bytes(data)
    try:
        return read_recording(path)
    except UsageError as error:
        refused = str(error)
    assert refused.startswith(f"{path}:")
    assert "\n" not in refused
    return None


def pack(lines: list[bytes]) -> bytes:
    return gzip.compress(b"".join(line + b"\n" for line in lines), compresslevel=1)


# -- bytes ------------------------------------------------------------------------------------------------------------


def changed(choose: random.Random, data: bytes) -> bytes:
    """Some bytes replaced, taken away, doubled or put in."""
    for _ in range(choose.randint(1, 6)):
        if not data:
            return data
        start = choose.randrange(len(data))
        end = min(start + choose.choice([0, 1, 1, 2, 8, 500]), len(data))
        new = choose.choice(
            [b"", choose.randbytes(end - start), data[start:end] * 2, choose.choice([b'"', b"{", b"[", b"\\", b"\xff", b"\n", b"\0"])]
        )
        data = data[:start] + new + data[end:]
    return data


def any_bytes(path: Path, lines: list[bytes], data: bytes) -> None:
    read_or_refuse(path, data)
    read_or_refuse(path, b"\x1f\x8b\x08" + data)
    read_or_refuse(path, gzip.compress(data))
    read_or_refuse(path, pack([lines[0], data]))


def changed_file(path: Path, lines: list[bytes], seed: int) -> None:
    """Nearly all are refused by the checksum, some in the middle of what they unpack to."""
    choose = random.Random(seed)
    read_or_refuse(path, changed(choose, pack(lines[: choose.randrange(len(lines))])))


def changed_text(path: Path, lines: list[bytes], seed: int) -> None:
    """The checksum is right, the lines are not."""
    choose = random.Random(seed)
    read_or_refuse(path, gzip.compress(changed(choose, b"\n".join(choose.sample(lines, 5))), compresslevel=1))
    read_or_refuse(path, pack([changed(choose, lines[0]), *choose.sample(lines, 5)]))
    read_or_refuse(path, pack([lines[0], *(changed(choose, line) for line in choose.sample(lines, 5))]))


def cut_file(path: Path, lines: list[bytes], seed: int) -> None:
    """A download that ended early is never taken for a whole recording."""
    choose = random.Random(seed)
    whole = pack(lines)
    assert read_or_refuse(path, whole[: choose.randrange(len(whole))]) is None
    assert read_or_refuse(path, pack(lines[: choose.randrange(1, len(lines) - 20)])) is None


def hostile_line(path: Path, lines: list[bytes], seed: int) -> None:
    """Depth, length and repetition that a parser may choke on."""
    choose = random.Random(seed)
    depth = choose.choice([10, 1_000, 100_000])
    opening, closing = choose.choice(
        [(b"[", b"]"), (b'{"a":', b"}"), (b'{"kind":"Pod","object":{"spec":', b"}}"), (b'[{"metadata":', b"}]")]
    )
    nested = opening * depth + b"1" + closing * choose.choice([0, depth])
    long = b'"' + choose.choice([b"a", b"\\u0000", b"password=", b'\\"', b"://a:"]) * choose.randint(0, 50_000) + b'"'
    inner = choose.choice([nested, long, b"1" * choose.randint(1, 5_000), b"-" + b"9" * 400 + b"e99999", b'"\\ud800"', b"NaN"])
    outer = choose.choice(
        [
            b"%s",
            b'{"kind":"Pod","object":%s}',
            b'{"kind":"Event","object":{"message":%s}}',
            b'{"kind":"Pod","object":{"metadata":{"annotations":{"a":%s}}}}',
            b'{"kind":"Nothing","object":%s}',
            b'{"gap":%s}',
            b'{"series":{"name":"x","labels":{},"times":[1],"values":[%s],"unit":""}}',
            b'{"later":%s}',
            b'{"kind":%s}',
        ]
    )
    read_or_refuse(path, pack([lines[0], outer % inner]))


BYTES: Final[dict[str, Callable[[Path, list[bytes], int], None]]] = {
    function.__name__: function for function in (changed_file, changed_text, cut_file, hostile_line)
}


@FEW
@given(data=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, lines: Lines, data: bytes) -> None:
    any_bytes(tmp_path / "x", lines, data)


@pytest.mark.deep
@MANY
@given(data=st.binary(max_size=2_000))
def test_many_bytes(tmp_path: Path, lines: Lines, data: bytes) -> None:
    any_bytes(tmp_path / "x", lines, data)


@pytest.mark.parametrize("how", BYTES)
@FEW
@given(seed=SEEDS)
def test_damaged_recordings(tmp_path: Path, lines: Lines, how: str, seed: int) -> None:
    BYTES[how](tmp_path / "x", lines, seed)


@pytest.mark.deep
@pytest.mark.parametrize("how", BYTES)
@MANY
@given(seed=SEEDS)
def test_many_damaged_recordings(tmp_path: Path, lines: Lines, how: str, seed: int) -> None:
    BYTES[how](tmp_path / "x", lines, seed)


def test_a_bomb_in_a_bomb_is_refused_in_bounded_memory(tmp_path: Path, lines: Lines) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = packer.compress(lines[0] + b"\n")
    data += b"".join(packer.compress(b" " * 2**20) for _ in range(200)) + packer.flush()
    assert len(data) < 2**20
    assert read_or_refuse(tmp_path / "x", data) is None


# -- values: to the end of a review -----------------------------------------------------------------------------------


def odd(choose: random.Random, value: Value) -> Value:
    """The same sort of value, but another; lists and objects lose, double or swap members."""
    match value:
        case bool():
            return not value
        case int() | float():
            return choose.choice(NUMBERS)
        case str():
            is_time = len(value) >= 20 and value[4:5] == "-" and value[10:11] == "T"
            return choose.choice(TIMES if is_time else TEXTS)
        case list():
            return choose.choice([[], value * 2, value[::-1], value[:1]])
        case dict():
            keys = list(value)
            gone = choose.choice(keys) if keys else ""
            return {key: member for key, member in value.items() if key != gone}
    return value


def with_odd_values(choose: random.Random, value: Value, chance: float) -> Value:
    if choose.random() < chance:
        return odd(choose, value)
    match value:
        case list():
            return [with_odd_values(choose, member, chance) for member in value]
        case dict():
            return {key: with_odd_values(choose, member, chance) for key, member in value.items()}
    return value


def is_of_its_kind(line: Value) -> bool:
    try:
        msgspec.convert(line["object"], CustomWorkload if line["kind"] == "CustomWorkload" else BY_NAME[line["kind"]].type)
    except msgspec.ValidationError:
        return False
    return True


def write_odd_recording(path: Path, lines: list[bytes], seed: int) -> None:
    """A recording whose objects hold odd values; those that no longer are objects of their kind are left out."""
    choose = random.Random(seed)
    chance = choose.choice([0.001, 0.01, 0.05])
    header, *others = [json.loads(line) for line in lines]
    objects = [line for line in others if "object" in line and choose.random() < 0.9]
    odd_ones = [line | {"object": with_odd_values(choose, line["object"], chance)} for line in objects]
    kept = [line for line in odd_ones if is_of_its_kind(line)]
    readings = header["readings"]
    for name in choose.sample(list(readings), choose.choice([0, 0, 5])):
        readings[name]["namespaces"] = ["team-000"]
    for name in choose.sample(list(readings), choose.choice([0, 0, 2])):
        del readings[name]
    header["counts"] = {"objects": Counter(line["kind"] for line in kept)}
    path.write_bytes(pack([json.dumps(line).encode() for line in (header, *kept)]))
    read_recording(path)


def review(path: Path, lines: list[bytes], seed: int, capsys: pytest.CaptureFixture[str], state: Path) -> None:
    """Exit code 70 is a fault of daytwo's own; and no control character of the cluster's reaches the terminal."""
    write_odd_recording(path, lines, seed)
    for arguments in (["review", "--all"], ["review", "-o", "json"], ["check"], ["review", "-n", "team-000", "-o", "markdown"]):
        code = run(Outside(), [*arguments, str(path)])
        shown = capsys.readouterr()
        traceback = "".join(file.read_text() for file in state.rglob("fault-*.txt"))
        assert code in (0, 1, 2, 3), f"{arguments}: exit code {code}\n{shown.err}\n{traceback}"
        assert not {character for character in shown.out if character < " " and character != "\n"}, arguments


@FEW_REVIEWS
@given(seed=SEEDS)
def test_odd_values_are_reviewed_to_the_end(
    tmp_path: Path, lines: Lines, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    review(tmp_path / "odd.recording", lines, seed, capsys, tmp_path / "state")


@pytest.mark.deep
@MANY_REVIEWS
@given(seed=SEEDS)
def test_many_odd_values_are_reviewed_to_the_end(
    tmp_path: Path, lines: Lines, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    review(tmp_path / "odd.recording", lines, seed, capsys, tmp_path / "state")
