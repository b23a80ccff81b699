"""Manifests as people write them: YAML or JSON, many documents in a file; scalars are what kubectl takes them for.

What is wrong in a file is told with its place. Nothing here knows which kinds there are.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from daytwo.model.errors import UsageError
from daytwo.model.json import Json, Object

if TYPE_CHECKING:
    from yaml import Event, ScalarEvent

STDIN: Final = "-"
_SUFFIXES: Final = (".yaml", ".yml", ".json")
_MOST_NESTED: Final = 200
_MOST_VALUES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a file. `origin` is where it begins, `deploy.yaml:12:1`."""

    value: Object
    origin: str

    @property
    def api_version(self) -> str:
        return _text(self.value, "apiVersion")

    @property
    def kind(self) -> str:
        return _text(self.value, "kind")

    @property
    def name(self) -> str:
        return _text(self.value.get("metadata"), "name")

    @property
    def namespace(self) -> str:
        return _text(self.value.get("metadata"), "namespace")


def read_manifests(path: str, stdin: str = "") -> tuple[Document, ...]:
    """The objects of a file, of all files of a folder in order of name, or (`-`) of `stdin`. Lists are their items.

    UsageError says file:line:column and what to write instead.
    """
    found = [document for name, text in _texts(path, stdin) for document in documents(text, name)]
    if not found:
        raise UsageError(f"{path}: holds no object; write at least apiVersion, kind and metadata.name")
    return tuple(found)


def documents(text: str, name: str) -> Iterator[Document]:
    """The objects of one text; `name` is how errors call it."""
    for value, mark in _values(text, name):
        if value is not None:
            yield from _documents(value, f"{name}:{mark.line}:{mark.column}")


def _texts(path: str, stdin: str) -> Iterator[tuple[str, str]]:
    if path == STDIN:
        yield "stdin", stdin
        return
    place = Path(path)
    files = sorted(one for one in place.iterdir() if one.suffix in _SUFFIXES and one.is_file()) if place.is_dir() else [place]
    if not files:
        raise UsageError(f"{path}: has no file that ends in {', '.join(_SUFFIXES)}")
    for file in files:
        try:
            yield str(file), file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError(f"{file}: is no text in UTF-8") from None
        except OSError as error:
            raise UsageError(f"{file}: {error.strerror or error}") from None


def _documents(value: Json, origin: str) -> Iterator[Document]:
    if not isinstance(value, dict):
        raise UsageError(f"{origin}: is no object; begin with apiVersion and kind")
    document = Document(value, origin)
    items = value.get("items")
    if document.kind.endswith("List") and isinstance(items, list):
        for number, item in enumerate(items):
            yield from _documents(item, f"{origin}: items[{number}]")
        return
    for field in ("apiVersion", "kind"):
        if not _text(value, field):
            raise UsageError(f"{origin}: has no {field}; write {'apiVersion: apps/v1' if field == 'apiVersion' else 'kind: Deployment'}")
    if not document.name:
        hint = "; generateName makes a new object each time, and is for create" if "generateName" in _object(value.get("metadata")) else ""
        raise UsageError(f"{origin}: {document.kind} has no metadata.name{hint}")
    yield document


def _text(value: Json, key: str) -> str:
    found = _object(value).get(key)
    return found if isinstance(found, str) else ""


def _object(value: Json) -> Object:
    return value if isinstance(value, dict) else {}


# -- the two notations ------------------------------------------------------------------------------------------------


class _Mark(NamedTuple):
    line: int
    column: int


class _Malformed(Exception):
    def __init__(self, text: str, mark: _Mark) -> None:
        super().__init__(text)
        self.mark = mark


def _values(text: str, name: str) -> Iterator[tuple[Json, _Mark]]:
    found: list[tuple[Json, _Mark]] | None = None
    if text.lstrip()[:1] in ("{", "["):
        # As kubectl does: what begins like JSON is JSON, unless it is not.
        found = _json(text)
    try:
        yield from _yaml(text) if found is None else found
    except _Malformed as malformed:
        raise UsageError(f"{name}:{malformed.mark.line}:{malformed.mark.column}: {malformed}") from None


def _json(text: str) -> list[tuple[Json, _Mark]] | None:
    """The values of a JSON text, one after the other; None where it is none, or needs to be told with a place."""
    decoder = json.JSONDecoder(object_pairs_hook=_without_duplicates, parse_constant=_refuse)
    found: list[tuple[Json, _Mark]] = []
    at = len(text) - len(text.lstrip())
    try:
        while at < len(text):
            value, end = decoder.raw_decode(text, at)
            found.append((value, _Mark(text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1)))
            rest = text[end:]
            at = end + len(rest) - len(rest.lstrip())
    except (ValueError, RecursionError):
        return None
    return found


def _without_duplicates(pairs: list[tuple[str, Json]]) -> Object:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse(constant: str) -> Json:
    raise ValueError(constant)


def _yaml(text: str) -> Iterator[tuple[Json, _Mark]]:
    import yaml

    # Built from events: composing nodes in C ends the process where brackets are nested thousands deep.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from _Builder(yaml.parse(text, Loader=loader)).documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = _Mark(mark.line + 1, mark.column + 1) if mark is not None else _Mark(1, 1)
        raise _Malformed(f"is no YAML: {error.problem}", place) from None
    except yaml.reader.ReaderError as error:
        raise _Malformed(f"is no YAML: {error.reason}", _Mark(text.count("\n", 0, error.position) + 1, 1)) from None


class _Builder:
    """Values from the events of a YAML text. Bounded in depth and size: a few aliases can stand for billions of values."""

    def __init__(self, events: "Iterator[Event]") -> None:
        self._events = events
        self._anchors: dict[str, tuple[Json, int]] = {}
        self._count = 0

    def documents(self) -> Iterator[tuple[Json, _Mark]]:
        import yaml

        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()
                self._count = 0
                first = next(self._events)
                yield self._value(first, 0), _mark(first)

    def _value(self, event: "Event", depth: int) -> Json:
        import yaml

        self._counted(1, event)
        if depth > _MOST_NESTED:
            raise _Malformed(f"is nested more than {_MOST_NESTED} deep", _mark(event))
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _Malformed(f'there is no anchor "&{event.anchor}" before this', _mark(event))
            value, count = self._anchors[event.anchor]
            self._counted(count, event)
            return value
        before = self._count
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
            while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                value.append(self._value(item, depth + 1))
        else:
            value = self._mapping(depth)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = (value, self._count - before)
        return value

    def _mapping(self, depth: int) -> Object:
        import yaml

        found: Object = {}
        merged: Object = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            is_merge = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
            key = _key(self._value(event, depth + 1), event)
            value = self._value(next(self._events), depth + 1)
            if is_merge:
                for one in reversed(value if isinstance(value, list) else [value]):
                    if not isinstance(one, dict):
                        raise _Malformed("<<: takes the alias of a mapping, or a list of them", _mark(event))
                    merged |= one
                continue
            if key in found:
                raise _Malformed(f'"{key}" stands here a second time, the first is in line {lines[key]}; keep one', _mark(event))
            found[key], lines[key] = value, _mark(event).line
        return {**{key: value for key, value in merged.items() if key not in found}, **found}

    def _counted(self, more: int, event: "Event") -> None:
        self._count += more
        if self._count > _MOST_VALUES:
            raise _Malformed(f"holds more than {_MOST_VALUES:,} values, its aliases written out", _mark(event))


def _mark(event: "Event") -> _Mark:
    start = event.start_mark
    return _Mark(start.line + 1, start.column + 1) if start is not None else _Mark(1, 1)


def _key(value: Json, event: "Event") -> str:
    """As sigs.k8s.io/yaml turns keys into those of JSON: `8080:` is "8080" and `yes:` is "true"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(value)
    raise _Malformed("a key is one text; put it into quotes", _mark(event))


# -- scalars, as sigs.k8s.io/yaml takes them (go-yaml v2: YAML 1.1 without base 60 and dates) ---------------------------

_TRUE: Final = frozenset({"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE: Final = frozenset({"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER: Final = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_SPECIAL: Final = frozenset({".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"})
_LARGEST: Final = 2**63


def _scalar(event: "ScalarEvent") -> Json:
    text: str = event.value
    if event.tag not in (None, "!"):
        return _tagged(text, event.tag, event)
    if not event.implicit[0]:
        return text
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text in _NULL:
        return None
    if text in _SPECIAL:
        raise _Malformed(f"{text} is no value of JSON; put it into quotes if it is a text", _mark(event))
    number = _number(text)
    return text if number is None else number


def _number(text: str) -> int | float | None:
    plain = text.replace("_", "")
    if text.startswith("_"):
        return None
    if _INTEGER.match(plain):
        digits = plain.lstrip("+-")
        base = {"x": 16, "b": 2, "o": 8}.get(digits[1:2].lower(), 8 if len(digits) > 1 and digits[0] == "0" else 10)
        whole = int(digits[2:] if base != 10 and not digits[1:2].isdigit() else digits, base)
        whole = -whole if plain.startswith("-") else whole
        if -_LARGEST <= whole < _LARGEST:
            return whole
    if _FLOAT.match(plain):
        value = float(plain)
        if isinf(value):
            return None
        return int(value) if value.is_integer() and abs(value) < _LARGEST else value
    return None


def _tagged(text: str, tag: str, event: "ScalarEvent") -> Json:
    if tag in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp"):
        return text
    if tag == "tag:yaml.org,2002:binary":
        try:
            return b64decode(text, validate=True).decode()
        except ValueError:
            raise _Malformed("!!binary is no base64 of a text; of bytes, write binaryData without a tag", _mark(event)) from None
    number = _number(text)
    if tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float") and number is not None:
        return number
    if tag == "tag:yaml.org,2002:bool" and text in _TRUE | _FALSE:
        return text in _TRUE
    if tag == "tag:yaml.org,2002:null":
        return None
    raise _Malformed(f"the tag {tag} has no meaning here; leave it out", _mark(event))
