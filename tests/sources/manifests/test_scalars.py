"""A manifest means what kubectl says it means. The referee is kubectl itself: `create --dry-run=client -o json`."""

import json
import subprocess
from random import Random
from typing import Final

import pytest
import yaml

from daytwo.model.json import Json
from daytwo.sources.manifests.values import Malformed, values_of
from tests.servers.control_plane import ControlPlane

NAMED: Final = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}'
HEAD: Final = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"

SCALARS: Final = (
    # Booleans and nulls of YAML 1.1, and what only looks like one.
    *("yes", "Yes", "YES", "yES", "no", "No", "NO", "nO", "y", "Y", "n", "N", "on", "On", "ON", "oN", "off", "Off", "OFF", "oFF"),
    *("true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "null", "Null", "NULL", "nULL", "~", "", '""', "''", "'yes'", '"null"'),
    # Integers: octal in two spellings, hexadecimal, binary, underscores, signs, the edges of int64 and uint64.
    *("0644", "0o644", "0O17", "017", "-017", "-0o17", "08", "09.5", "0x1F", "0X1f", "-0x1F", "+0x1F", "0x1_F", "0xg", "0x", "0o", "0b"),
    *(
        "0b11",
        "-0b11",
        "0b1_0",
        "0b102",
        "0o8",
        "1_000",
        "1__0",
        "1_",
        "_1",
        "-_1",
        "0_7",
        "0_",
        "+1",
        "-1",
        "0",
        "-0",
        "+0",
        "00",
        "1,000",
    ),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615"),
    *("18446744073709551616", "12345678901234567890", "0x7fffffffffffffff", "0xffffffffffffffff", "0x10000000000000000"),
    *("01777777777777777777777", "07777777777777777777777", "-0x8000000000000001"),
    # Floats.
    *("1.0", "100.0", "1.", ".5", "-.5", "+.5", "0.1", "1e3", "1E3", "1e+3", "1.e3", ".5e1", "1e-7", "1e20", "1e21", "1e1000", "-1e1000"),
    *("1e5_0", "1_0.5", "1_0e1_0", "0.0_1", "-0.0", "0e0", "1e", "e1", "+", ".", "..", "1.2.3", "3.14159265358979323846", "123456789.0"),
    *("infinity", "Inf", "nan", "NaN", "0x1p4", "1e400"),
    # What YAML 1.1 has and go-yaml has not: base 60, dates, values and merges.
    *("22:22", "1:30", "12:30:45", "190:20:30.15", "2001-01-01", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43", "=", "<<"),
    # Tags.
    *("!!str 1", "!!str", "!!int '3'", "!!int 1_000", "!!int '0644'", "!!int 12345678901234567890", "!!float 1", "!!float '1.5'"),
    *("!!float 0x10", "!!bool 'yes'", "!!bool y", "!!null ''", "!!null ~", "!!timestamp 2001-01-01", "!!binary aGk=", "!!binary ''"),
    *("!!binary /w==", "!!binary 4oI=", "!env HOME", "!foo 12", "! 12", "!!map x", "!<tag:example.com,2020:y> 12", "!!merge <<"),
    # Quotes, escapes and blocks.
    *("'it''s'", r'"a\tb\x41\u00e9\U0001F642"', "'a\n\n  b'", '"a\n  b"', "|\n    a\n    b\n", "|-\n    a\n", "|+\n    a\n\n"),
    *(
        ">\n    a\n    b\n\n    c\n",
        ">-\n    a\n",
        "|2\n     a\n",
        "|\n    ---\n",
        "|\n    a\n    {{ .Values.x }}\n",
        "a # comment",
        "a#b",
        "a: b"[:1],
    ),
    # Collections.
    *(
        "[1, yes, ~, 'x']",
        "{a: 1, 'b': 2}",
        "[]",
        "{}",
        "[[], {}]",
        "!!seq [1]",
        "!!map {a: 1}",
        "!!str [1]",
        "!!set {a, b}",
        "!!omap [a: 1]",
    ),
    "{0644: a, 1.5: b, 1e6: c, 1234567.5: d, true: e, 2001-01-01: f, on: g, '1': h, -0.0: i, 1e39: j, 16777217.0: k, 1e-5: l, 0x10: m}",
    "{123456.0: a, 1e5: b, 1e-4: c, 3.14159265: d, 1_000: e, =: f, '<<': g}",
    # Anchors and merges: go-yaml lets what is merged replace what stands before it.
    *("{a: &x 1, b: *x}", "{base: &b {a: 1, b: 2}, more: {<<: *b, b: 3}}", "{base: &b {a: 1, b: 2}, more: {b: 3, <<: *b}}"),
    "{p: &p {a: 1, b: 2}, q: &q {b: 4, c: 5}, more: {<<: [*p, *q], d: 1}}",
    "{p: &p {a: 1, b: 2}, q: &q {<<: *p, b: 4}, more: {<<: *q, a: 9}}",
    "\n    p: &p {a: 1, b: 2}\n    q: &q {b: 4, c: 5}\n    more:\n      <<: *p\n      <<: *q\n",
    "{<<: {a: 1}, b: 2}",
    "{&k key: 1, other: *k }",
    "{a: &x 1, b: &x 2, c: *x}",
    # The later of two equal keys stands.
    "{a: 1, a: 2}",
)

REFUSED: Final = (
    *(".nan", ".inf", "-.INF", "!!float .inf", "!!int abc", "!!int 1.5", "!!int 3.0", "!!int", "!!bool 1", "!!null abc", "!!float abc"),
    *(
        "!!binary aGk",
        "*nowhere",
        "{~: a}",
        "{9223372036854775808: a}",
        "{[a]: b}",
        "- 1",
        "@a",
        "`a",
        "%a",
        "{a",
        "[a",
        "'a",
        "\ta: b",
        "{<<: 1}",
        r'"\ud83d\ude00"',
    ),
)

DOCUMENTS: Final = (
    f"{HEAD}x: 1\n---\n# nothing\n---\n{HEAD}x: 2\n",
    f"{HEAD}x: 1\n--- # a comment\n{HEAD}x: 2\n",
    f"\ufeff{HEAD}x: 1\n",
    f"{HEAD}x: 1\n".replace("\n", "\r\n"),
    f"---\n---\n\n{HEAD}x: |\n  a\n  ---\n  b\n",
    json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "x": [1.0, 1e3, 10**20, "🙂", "\u2028"]}),
    f'{NAMED}, "x": {{"a": 1, "a": "\\ud83d\\ude00"}}}}',
    f'{NAMED}}} {NAMED}}}\n\n{NAMED}, "x": -0.0}}',
)


def asked(control_plane: ControlPlane, text: str) -> list[Json] | None:
    """What kubectl makes of a text; None where it refuses it."""
    kubectl = (str(control_plane.kubectl), "--kubeconfig", str(control_plane.kubeconfig()))
    command = (*kubectl, "create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-")
    answer = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if answer.returncode != 0:
        return None
    decoder = json.JSONDecoder(parse_int=_number)
    found: list[Json] = []
    rest = answer.stdout.decode().strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found


def _number(digits: str) -> int | float:
    """What no integer of Go holds is a float; kubectl writes it without an exponent."""
    return int(digits) if -(2**63) <= int(digits) < 2**63 else float(digits)


def ours(text: str) -> Json:
    (found,) = values_of(f"{HEAD}x: {text}\n")
    assert isinstance(found.value, dict)
    return found.value["x"]


@pytest.mark.cluster
def test_every_scalar_of_the_table_is_what_kubectl_takes_it_for(control_plane: ControlPlane) -> None:
    """More than 150 of them, in one request."""
    assert len(SCALARS) > 150
    text = "".join(f"---\n{HEAD}x: {scalar}\n" for scalar in SCALARS)
    found = asked(control_plane, text)
    assert found is not None
    assert len(found) == len(SCALARS)
    theirs = {scalar: one["x"] for scalar, one in zip(SCALARS, found, strict=True) if isinstance(one, dict)}
    assert {scalar: ours(scalar) for scalar in SCALARS} == theirs
    assert [type(ours(scalar)) for scalar in SCALARS] == [type(value) for value in theirs.values()]


@pytest.mark.cluster
@pytest.mark.parametrize("scalar", REFUSED)
def test_what_kubectl_refuses_is_refused(control_plane: ControlPlane, scalar: str) -> None:
    """With a place, which kubectl often does not have."""
    assert asked(control_plane, f"{HEAD}x: {scalar}\n") is None
    with pytest.raises(Malformed) as caught:
        ours(scalar)
    assert (caught.value.line, caught.value.column) >= (4, 1)


@pytest.mark.cluster
@pytest.mark.parametrize("text", DOCUMENTS)
def test_documents_are_split_as_kubectl_splits_them(control_plane: ControlPlane, text: str) -> None:
    """By markers with comments, byte order marks, carriage returns, markers within blocks; JSON after JSON."""
    theirs = asked(control_plane, text)
    assert theirs is not None
    found = [one.value for one in values_of(text.removeprefix("\ufeff"))]
    assert [_without_namespace(one) for one in found] == [_without_namespace(one) for one in theirs]


def _without_namespace(value: Json) -> Json:
    assert isinstance(value, dict)
    assert isinstance(value["metadata"], dict)
    return {**value, "metadata": {"name": value["metadata"]["name"]}}


@pytest.mark.cluster
def test_random_scalars_are_what_kubectl_takes_them_for(control_plane: ControlPlane) -> None:
    """3,000 of them, made of what numbers and words of YAML are made of."""
    assert_agreed(control_plane, Random(5), 3_000)


@pytest.mark.deep
@pytest.mark.cluster
def test_many_random_scalars_are_what_kubectl_takes_them_for(control_plane: ControlPlane) -> None:
    """A hundred times as many."""
    random = Random(6)
    for _ in range(30):
        assert_agreed(control_plane, random, 10_000)
    print("300,000 scalars")


def assert_agreed(control_plane: ControlPlane, random: Random, count: int) -> None:
    scalars: list[str] = []
    while len(scalars) < count:
        scalar = drawn(random)
        if is_plain(scalar):
            scalars.append(scalar)
    text = (
        f"{HEAD}x:\n"
        + "".join(f"  - {scalar}\n" for scalar in scalars)
        + "keys:\n"
        + "".join(f"  - {{{key}: 1}}\n" for key in keys(scalars))
    )
    theirs = asked(control_plane, text)
    assert theirs is not None
    (found,) = values_of(text)
    assert isinstance(theirs[0], dict)
    assert isinstance(found.value, dict)
    for part in ("x", "keys"):
        here, there = found.value[part], theirs[0][part]
        assert isinstance(here, list)
        assert isinstance(there, list)
        for scalar, mine, other in zip(scalars if part == "x" else keys(scalars), here, there, strict=True):
            assert (mine, type(mine)) == (other, type(other)), (part, scalar)


def drawn(random: Random) -> str:
    """A few pieces of what scalars are made of."""
    pieces = ("0", "1", "7", "8", "9", "12", "0x", "0o", "0b", "e", "E", "e+", "e-", ".", "-", "+", "_", ":", "x", "f", "inf", "nan", "yes")
    more = ("n", "o", "T", "rue", "null", "~", "=", "<<", "2001-01-01", "t", " ", "00", "999999999999", "123456789012345678", "é", "١", "/")
    return "".join(random.choice(pieces + more) for _ in range(random.randint(1, 5)))


def is_plain(scalar: str) -> bool:
    """Whether it is one scalar without quotes that kubectl has a value for."""
    try:
        events = list(yaml.parse(f"- {scalar}\n", Loader=yaml.CSafeLoader))
        list(values_of(f"- {scalar}\n"))
    except (yaml.YAMLError, Malformed):
        return False
    # The fourth event is the first item of the list.
    return isinstance(events[3], yaml.ScalarEvent) and events[3].value == scalar and isinstance(events[4], yaml.SequenceEndEvent)


def keys(scalars: list[str]) -> list[str]:
    """Those that may be keys: a mapping in braces has its own ideas of colons, and Go knows no key beyond int64."""
    found = []
    for scalar in scalars:
        try:
            events = yaml.parse(f"{{{scalar}: 1}}", Loader=yaml.CSafeLoader)
            pair = [event.value for event in events if isinstance(event, yaml.ScalarEvent)]
            list(values_of(f"{{{scalar}: 1}}"))
        except (yaml.YAMLError, Malformed):
            continue
        if pair == [scalar, "1"] and scalar != "<<":
            found.append(scalar)
    return found


STYLES: Final = (None, "'", '"', "|", ">")


@pytest.mark.cluster
def test_random_documents_are_what_kubectl_takes_them_for(control_plane: ControlPlane) -> None:
    """300 documents in every style that a program writes: flow and block, quoted, folded, wrapped, indented."""
    random = Random(7)
    texts = []
    for number in range(300):
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{number}"}, "x": tree(random, 0)}
        flow, style = random.choice((True, False, None)), random.choice(STYLES)
        width, indent, is_unicode = random.choice((20, 80, 1000)), random.choice((2, 4, 7)), random.random() < 0.5
        texts.append(
            yaml.dump(manifest, default_flow_style=flow, default_style=style, width=width, indent=indent, allow_unicode=is_unicode)
        )
    theirs = asked(control_plane, "---\n".join(texts))
    assert theirs is not None
    found = [found.value for text in texts for found in values_of(text)]
    for text, mine, other in zip(texts, found, theirs, strict=True):
        assert _without_namespace(mine) == _without_namespace(other), text


def tree(random: Random, depth: int) -> Json:
    if depth < 4 and random.random() < 0.6:
        if random.random() < 0.5:
            return [tree(random, depth + 1) for _ in range(random.randint(0, 4))]
        return {words(random) or "k": tree(random, depth + 1) for _ in range(random.randint(0, 4))}
    return random.choice((words(random), words(random), drawn(random), random.randint(-(10**6), 10**6), None, True))


def words(random: Random) -> str:
    pieces = ("a", "yes", " ", "\n", "'", '"', ":", "#", "- ", "é", "🙂", "\t", "{", "---", "\\", "0644", "~", "\x07", "\x85", "\ufeff")
    return "".join(random.choice(pieces) for _ in range(random.randint(0, 6)))
