"""From a text to the values in it, YAML or JSON, each as kubectl takes it. What is wrong in it is told with its place.

Built from events, by the C parser of PyYAML: composing nodes there ends the process where brackets are nested thousands deep.
"""

import json
from collections.abc import Callable, Iterator
from math import isinf
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from daytwo.model.errors import UsageError
from daytwo.model.json import Json, Object
from daytwo.sources.manifests.scalars import MERGE, STANDARD, NoValue, key, plain, shown, tagged
from daytwo.sources.yaml_mistake import told

if TYPE_CHECKING:
    from yaml import Event, ScalarEvent
    from yaml._yaml import CParser

_MOST_NESTED: Final = 200
_MOST_ALIASED: Final = 1_000_000
_INT64: Final = 2**63

# What plain scalars mean: the same few thousand stand in all manifests.
_VALUES: Final[dict[str, Json]] = {}
_KEYS: Final[dict[str, str]] = {}
_MOST_KNOWN: Final = 100_000
_LONGEST_KNOWN: Final = 100


class Twice(NamedTuple):
    """A key that stands in a mapping for a second time; kubectl keeps the later one without a word."""

    key: str
    line: int
    column: int
    first_line: int

    def __str__(self) -> str:
        return f"{shown(self.key)} stands here a second time, the first is in line {self.first_line}"


class Found(NamedTuple):
    """One document of a text. Lines and columns are counted from 1."""

    value: Json
    line: int
    column: int
    twice: tuple[Twice, ...] = ()


class Malformed(Exception):
    """What cannot be read, with its line and column from 1."""

    def __init__(self, text: str, line: int, column: int) -> None:
        super().__init__(text)
        self.line = line
        self.column = column


def values_of(text: str) -> Iterator[Found]:
    """The documents of a text that are not empty. Raises Malformed."""
    found = None
    if text.lstrip()[:1] in ("{", "["):
        # As kubectl does: what begins like JSON is JSON, unless it is not.
        found = _json(text)
    if found is None:
        yield from _yaml(text)
    elif not found.is_doubtful:
        yield from found.values
    else:
        yield from _with_places(text, found.values)


def _with_places(text: str, found: list[Found]) -> list[Found]:
    """JSON in which a key stands twice, read as YAML, which knows where; JSON knows characters in two halves, which YAML does not."""
    try:
        return list(_yaml(text))
    except Malformed:
        return found


def json_value(text: str) -> Json:
    """The one value of a JSON text; None for what is none, or holds a key twice."""
    found = _json(text)
    return found.values[0].value if found is not None and len(found.values) == 1 and not found.is_doubtful else None


def events_of(text: str) -> "CParser":
    """The C parser at the beginning of a text; `get_event` gives one event after the other. Raises Malformed for what is no text."""
    try:
        from yaml._yaml import CParser
    except ImportError:
        raise UsageError(
            "PyYAML was built without libyaml; install its wheel: pip install --force-reinstall --only-binary :all: PyYAML"
        ) from None
    try:
        return CParser(text)
    except UnicodeEncodeError as error:
        raise Malformed("is no text in UTF-8", *_place_at(text, error.start)) from None


# -- JSON -------------------------------------------------------------------------------------------------------------


class _JsonFound(NamedTuple):
    values: list[Found]
    is_doubtful: bool


def _json(text: str) -> _JsonFound | None:
    """The values of a JSON text, one after the other, and whether a key stands twice in one; None where it is no JSON."""
    is_doubtful = False

    def mapping(pairs: list[tuple[str, Json]]) -> Object:
        nonlocal is_doubtful
        found = dict(pairs)
        is_doubtful = is_doubtful or len(found) != len(pairs)
        return found

    decoder = json.JSONDecoder(object_pairs_hook=mapping, parse_constant=_refuse, parse_int=_whole, parse_float=_real)
    found: list[Found] = []
    at = len(text) - len(text.lstrip())
    line, counted = 1, 0
    try:
        while at < len(text):
            value, end = decoder.raw_decode(text, at)
            line += text.count("\n", counted, at)
            counted = at
            found.append(Found(value, line, at - (text.rfind("\n", 0, at) + 1) + 1))
            at = end
            while at < len(text) and text[at] in " \t\r\n":
                at += 1
    except (ValueError, RecursionError):
        return None
    return _JsonFound(found, is_doubtful)


# What json.JSONDecodeError says, for whoever writes it.
_JSON_TOLD: Final = {
    "Expecting ',' delimiter": "a comma or a closing bracket is missing before this",
    "Expecting ':' delimiter": "a colon is missing before this",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing here, or the comma before it is one too many",
    "Illegal trailing comma before end of object": "a comma with nothing behind it",
    "Illegal trailing comma before end of array": "a comma with nothing behind it",
    "Expecting value": "here a value is missing",
    "Unterminated string starting at": "a text that begins here has no closing quote",
    "Invalid control character at": "a text is on one line, and holds no tab: write \\n and \\t",
    "Invalid \\escape": "a backslash stands before what it has no meaning for; write two",
}


def json_mistake(text: str) -> Malformed | None:
    """What keeps a text from being JSON, at its place; None where it is some."""
    at = len(text) - len(text.lstrip())
    try:
        while at < len(text):
            _, at = json.JSONDecoder().raw_decode(text, at)
            while at < len(text) and text[at] in " \t\r\n":
                at += 1
    except json.JSONDecodeError as error:
        return Malformed(f"is no JSON: {_JSON_TOLD.get(error.msg.removesuffix(': '), error.msg)}", error.lineno, error.colno)
    except (ValueError, RecursionError):
        return None
    return None


def _refuse(constant: str) -> Json:
    raise ValueError(constant)


def _whole(digits: str) -> int | float:
    value = int(digits) if len(digits) < 30 else _real(digits)
    return value if -_INT64 <= value < _INT64 else float(value)


def _real(digits: str) -> float:
    value = float(digits)
    if isinf(value):
        raise ValueError(digits)
    return int(value) if value.is_integer() and -_INT64 <= value < _INT64 else value


# -- YAML -------------------------------------------------------------------------------------------------------------


def _yaml(text: str) -> Iterator[Found]:
    import yaml

    try:
        yield from _Builder(text).documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise Malformed(f"is no YAML: {told(error, text)}", *place) from None
    except yaml.reader.ReaderError as error:
        raise Malformed(f"is no YAML: {error.reason}", *_place_at(text, error.position)) from None


def _place_at(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1


class _Builder:
    """Values from the events of a YAML text. Bounded in depth and size: a few aliases can stand for billions of values."""

    def __init__(self, text: str) -> None:
        import yaml

        self._text = text
        # Events are told apart by their class, and typed as the one that has all fields.
        self._next = cast("Callable[[], ScalarEvent]", events_of(text).get_event)
        self._scalar_event: type[Event] = yaml.ScalarEvent
        self._sequence_start: type[Event] = yaml.SequenceStartEvent
        self._sequence_end: type[Event] = yaml.SequenceEndEvent
        self._mapping_end: type[Event] = yaml.MappingEndEvent
        self._alias_event: type[Event] = yaml.AliasEvent
        self._document_start: type[Event] = yaml.DocumentStartEvent
        self._stream_end: type[Event] = yaml.StreamEndEvent
        self._anchors: dict[str, Json] = {}
        self._weights: dict[str, int] = {}
        self._aliased = 0
        self._twice: list[tuple[str, int, int]] = []
        if len(_VALUES) > _MOST_KNOWN:
            _VALUES.clear()
            _KEYS.clear()

    def documents(self) -> Iterator[Found]:
        number = 0
        while True:
            event = self._next()
            if event.__class__ is self._stream_end:
                return
            if event.__class__ is not self._document_start:
                continue
            self._anchors.clear()
            self._weights.clear()
            self._twice.clear()
            self._aliased = 0
            first = self._next()
            value = self._value(first, 0)
            if value is not None:
                line, column = _place(first)
                yield Found(value, line, column, tuple(self._told_twice(number)) if self._twice else ())
            number += 1

    def _value(self, event: "ScalarEvent", depth: int) -> Json:
        kind = event.__class__
        if kind is self._scalar_event:
            value: Json = self._scalar(event)
        elif kind is self._alias_event:
            return self._alias(event)
        elif depth > _MOST_NESTED:
            raise Malformed(f"is nested more than {_MOST_NESTED} deep", *_place(event))
        elif kind is self._sequence_start:
            value = []
            take = self._next
            end = self._sequence_end
            while (item := take()).__class__ is not end:
                value.append(self._value(item, depth + 1))
        else:
            value = self._mapping(depth)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = value
            self._weights.pop(anchor, None)
        return value

    def _mapping(self, depth: int) -> Object:
        found: Object = {}
        explicit: set[str] | None = None
        take, end, scalar_event, keys, values = self._next, self._mapping_end, self._scalar_event, _KEYS, _VALUES
        while (event := take()).__class__ is not end:
            name: str | None = None
            if event.__class__ is scalar_event and event.tag is None and event.anchor is None:
                text = event.value
                if not event.implicit[0]:
                    name = text
                elif text == "<<":
                    explicit = set(found) if explicit is None else explicit
                    self._merge(found, self._value(take(), depth + 1), event)
                    continue
                else:
                    name = keys.get(text)
            if name is None:
                if event.__class__ is scalar_event and event.tag == MERGE and event.value == "<<":
                    explicit = set(found) if explicit is None else explicit
                    self._merge(found, self._value(take(), depth + 1), event)
                    continue
                name = self._key(event, depth)
            if name in found and (explicit is None or name in explicit):
                self._twice.append((name, *_place(event)))
            if explicit is not None:
                explicit.add(name)
            event = take()
            if event.__class__ is scalar_event and event.tag is None and event.anchor is None:
                text = event.value
                if not event.implicit[0]:
                    found[name] = text
                    continue
                if text in values:
                    found[name] = values[text]
                    continue
            found[name] = self._value(event, depth + 1)
        return found

    def _merge(self, found: Object, value: Json, event: "ScalarEvent") -> None:
        """As go-yaml v2: what is merged replaces what stands before it, and of several the first wins."""
        for one in reversed(value if isinstance(value, list) else [value]):
            if not isinstance(one, dict):
                raise Malformed("<<: takes the alias of a mapping, or a list of them", *_place(event))
            found.update(one)

    def _scalar(self, event: "ScalarEvent") -> Json:
        text: str = event.value
        tag = event.tag
        try:
            if tag is not None:
                return text if tag == "!" else tagged(text, tag)
            if not event.implicit[0]:
                return text
            if text in _VALUES:
                return _VALUES[text]
            value = plain(text)
        except NoValue as refused:
            raise Malformed(str(refused), *_place(event)) from None
        if len(text) <= _LONGEST_KNOWN:
            _VALUES[text] = value
        return value

    def _key(self, event: "ScalarEvent", depth: int) -> str:
        kind = event.__class__
        if kind is not self._scalar_event:
            if kind is self._alias_event:
                aliased = self._alias(event)
                if isinstance(aliased, str):
                    return aliased
            raise Malformed("a key is one text; put it into quotes", *_place(event))
        text: str = event.value
        tag = event.tag
        is_plain = tag is None and event.implicit[0]
        try:
            if tag is not None and tag.startswith(STANDARD):
                tagged(text, tag)
            name = key(text) if is_plain or (tag is not None and tag.startswith(STANDARD) and not tag.endswith(":str")) else text
        except NoValue as refused:
            raise Malformed(str(refused), *_place(event)) from None
        if is_plain and len(text) <= _LONGEST_KNOWN:
            _KEYS[text] = name
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = self._scalar(event)
        return name

    def _alias(self, event: "ScalarEvent") -> Json:
        anchor = event.anchor
        if anchor not in self._anchors:
            raise Malformed(f'there is no anchor "&{anchor}" before this', *_place(event))
        value = self._anchors[anchor]
        weight = self._weights.get(anchor)
        if weight is None:
            try:
                weight = self._weights[anchor] = _weight(value, 0)
            except RecursionError:
                raise Malformed(f"is nested more than {_MOST_NESTED} deep, its aliases written out", *_place(event)) from None
        self._aliased += weight
        if self._aliased > _MOST_ALIASED:
            raise Malformed(f"holds more than {_MOST_ALIASED:,} values, its aliases written out", *_place(event))
        return value

    def _told_twice(self, number: int) -> Iterator[Twice]:
        """With the line of the first, which nobody counts while there is no second."""
        lines = _Lines(self._text).document(number)
        for name, line, column in self._twice:
            yield Twice(name, line, column, lines.get((line, column), line))


class _Lines:
    """Where the first of two equal keys stands: a second pass, in which every key is remembered."""

    def __init__(self, text: str) -> None:
        self._next = events_of(text).get_event

    def document(self, number: int) -> dict[tuple[int, int], int]:
        """By line and column of a repeated key: the line of the one before it in its mapping."""
        import yaml

        found: dict[tuple[int, int], int] = {}
        while number >= 0:
            if isinstance(self._next(), yaml.DocumentStartEvent):
                number -= 1
        # For each open collection: the keys of a mapping with their lines, or None for a sequence; and whether a key comes next.
        open_ones: list[tuple[dict[str, int] | None, bool]] = []
        while not isinstance(event := self._next(), yaml.DocumentEndEvent):
            if isinstance(event, yaml.CollectionEndEvent):
                open_ones.pop()
                continue
            if open_ones:
                keys, is_key = open_ones[-1]
                if keys is not None:
                    open_ones[-1] = (keys, not is_key)
                    if is_key and isinstance(event, yaml.ScalarEvent):
                        place = _place(event)
                        name = event.value if not event.implicit[0] else key(event.value)
                        if name in keys:
                            found[place] = keys[name]
                        keys.setdefault(name, place[0])
            if isinstance(event, yaml.CollectionStartEvent):
                open_ones.append(({} if isinstance(event, yaml.MappingStartEvent) else None, True))
        return found


def _weight(value: Json, depth: int) -> int:
    """How many values it is, written out. RecursionError where that is nested too deep."""
    if depth > _MOST_NESTED:
        raise RecursionError
    if isinstance(value, dict):
        return 1 + len(value) + sum([_weight(one, depth + 1) if isinstance(one, dict | list) else 1 for one in value.values()])
    if isinstance(value, list):
        return 1 + sum([_weight(one, depth + 1) if isinstance(one, dict | list) else 1 for one in value])
    return 1


def _place(event: "Event") -> tuple[int, int]:
    start = event.start_mark
    return (start.line + 1, start.column + 1) if start is not None else (1, 1)
