"""Where a field stands in a text. Found when it is asked for: the one document is cut out and parsed again."""

import re
from array import array
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, cast

import msgspec

from daytwo.model.origin import Origin
from daytwo.model.path import Part, parse
from daytwo.sources.manifests.scalars import MERGE, NoValue, key
from daytwo.sources.manifests.values import Malformed, events_of

if TYPE_CHECKING:
    from yaml import Event, ScalarEvent

# The documents whose fields were asked for last are kept: a document has several findings.
_MOST_DOCUMENTS: Final = 64
_MOST_TEXTS: Final = 8
_MOST_NESTED: Final = 400

# Of a text as short as this the lines are counted each time.
_SHORT: Final = 30_000

# Keys that stand for themselves, unlike `yes:` and `0644:`.
_KNOWN_KEYS: Final[set[str]] = set()
_MOST_KEYS: Final = 10_000

_BREAKS_OF_YAML: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_END: Final = re.compile(r"^(?:---|\.\.\.)(?=\s|\Z)", re.MULTILINE)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


K = TypeVar("K")
V = TypeVar("V")


class At(NamedTuple):
    """A place in a text, from 1, and whether it is the field itself or only what it would stand in."""

    line: int
    column: int
    is_exact: bool


class Span(NamedTuple):
    """A part of a text that is one value, and where it begins, from 1."""

    start: int
    end: int
    line: int
    column: int


class _Node(NamedTuple):
    """A value with its place. `held` is a scalar's text, a mapping's fields with the places of their keys, or a list's elements."""

    line: int
    column: int
    held: "str | dict[str, _Field] | list[_Node]"


class _Field(NamedTuple):
    line: int
    column: int
    node: _Node


class Places:
    """Looks fields up in texts, which `text_of` gives by the name of their file."""

    def __init__(self, text_of: Callable[[str], str | None]) -> None:
        self._text_of = text_of
        self._nodes: OrderedDict[tuple[str, int, int, int | None], _Node | None] = OrderedDict()
        self._breaks: OrderedDict[str, array[int]] = OrderedDict()
        self._items: OrderedDict[tuple[str, int, int], list[Span]] = OrderedDict()

    def find(self, origin: Origin, path: str) -> At:
        """The key of the field at a path, or of the deepest of its parents that is there; the element itself where the last part is one."""
        root = self._node(origin)
        if root is None:
            return At(origin.line, origin.column, is_exact=False)
        try:
            parts = parse(path)
        except ValueError:
            return At(root.line, root.column, is_exact=False)
        line, column, node = root.line, root.column, root
        for part in parts:
            found = _below(node, part)
            if found is None:
                return At(line, column, is_exact=False)
            line, column, node = found
        return At(line, column, is_exact=True)

    def span(self, origin: Origin) -> Span | None:
        """Where the document or the item of a list begins and ends in its text; None where it is not found any more."""
        text = self._text_of(origin.file)
        if text is None:
            return None
        if origin.item is None:
            return self._document(text, origin)
        # A list may be all of a cluster: it is looked through once.
        where = (origin.file, origin.line, origin.column)
        items = self._items.get(where)
        if items is None:
            document = self._document(text, origin)
            items = _items_of(text, document) if document is not None else []
            _keep(self._items, where, items, _MOST_TEXTS)
        return items[origin.item] if origin.item < len(items) else None

    def _node(self, origin: Origin) -> _Node | None:
        where = (origin.file, origin.line, origin.column, origin.item)
        if where in self._nodes:
            self._nodes.move_to_end(where)
            return self._nodes[where]
        text, span = self._text_of(origin.file), self.span(origin)
        node = _parsed(text, span) if text is not None and span is not None else None
        if node is None and text is not None and origin.item is not None:
            # It refers to an anchor outside of itself: all of the list is read.
            document = self._document(text, origin)
            whole = _parsed(text, document) if document is not None else None
            items = whole.held.get("items") if whole is not None and isinstance(whole.held, dict) else None
            elements = items.node.held if items is not None else None
            node = elements[origin.item] if isinstance(elements, list) and origin.item < len(elements) else None
        _keep(self._nodes, where, node, _MOST_DOCUMENTS)
        return node

    def _document(self, text: str, origin: Origin) -> Span | None:
        line_start = self._line_start(text, origin)
        if line_start is None:
            return None
        start = line_start + origin.column - 1
        end = _END.search(text, line_start + 1)
        return Span(start, end.start() if end is not None else len(text), origin.line, origin.column)

    def _line_start(self, text: str, origin: Origin) -> int | None:
        starts = self._breaks.get(origin.file)
        if starts is None:
            if len(text) <= _SHORT and text.isascii() and "\r" not in text:
                rest = text.split("\n", origin.line - 1)
                return len(text) - len(rest[-1]) if len(rest) == origin.line else None
            starts = _line_starts(text)
            _keep(self._breaks, origin.file, starts, _MOST_TEXTS)
        return starts[origin.line - 1] if origin.line <= len(starts) else None


def _keep(cache: OrderedDict[K, V], where: K, found: V, most: int) -> None:
    cache[where] = found
    if len(cache) > most:
        cache.popitem(last=False)


def _line_starts(text: str) -> "array[int]":
    """Where each line begins, counted as who read the text counted them."""
    starts = array("Q", [0])
    if (text.isascii() and "\r" not in text) or text.lstrip()[:1] in ("{", "["):
        at = text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
    else:
        starts.extend(match.end() for match in _BREAKS_OF_YAML.finditer(text))
    return starts


# -- the items of a list ----------------------------------------------------------------------------------------------


class _List(msgspec.Struct, gc=False):
    items: list[msgspec.Raw] = []


def _items_of(text: str, document: Span) -> list[Span]:
    """Where each item of a list stands."""
    cut = text[document.start : document.end]
    if cut.startswith("{"):
        try:
            return _items_of_json(cut, document, msgspec.json.decode(cut, type=_List).items)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            pass
    return _items_of_yaml(cut, document)


def _items_of_json(cut: str, document: Span, items: list[msgspec.Raw]) -> list[Span]:
    found: list[Span] = []
    at = cut.index('"items"')
    line, counted = document.line, 0
    for item in items:
        raw = bytes(item).decode()
        at = cut.index(raw, at)
        line += cut.count("\n", counted, at)
        counted = at
        before = cut.rfind("\n", 0, at)
        column = at - before if before >= 0 else document.column + at
        found.append(Span(document.start + at, document.start + at + len(raw), line, column))
        at += len(raw)
    return found


def _items_of_yaml(cut: str, document: Span) -> list[Span]:
    import yaml

    indent = document.column - 1
    take = cast("Callable[[], ScalarEvent]", events_of(" " * indent + cut).get_event)

    def end_of(event: "Event") -> int:
        """Where the value ends that begins with this event; its events are passed over."""
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth == 0:
                return event.end_mark.index if event.end_mark is not None else 0
            event = take()

    def span(item: "Event") -> Span:
        mark = item.start_mark
        assert mark is not None
        start, line, column = mark.index, mark.line, mark.column
        return Span(document.start + start - indent, document.start + end_of(item) - indent, document.line + line, column + 1)

    found: list[Span] = []
    try:
        while not isinstance(event := take(), yaml.MappingStartEvent):
            if isinstance(event, yaml.StreamEndEvent):
                return found
        while not isinstance(name := take(), yaml.MappingEndEvent):
            end_of(name)
            value = take()
            if isinstance(name, yaml.ScalarEvent) and name.value == "items" and isinstance(value, yaml.SequenceStartEvent):
                while not isinstance(item := take(), yaml.SequenceEndEvent):
                    found.append(span(item))
                return found
            end_of(value)
    except yaml.YAMLError:
        pass
    return found


# -- one document -----------------------------------------------------------------------------------------------------


class _Unplaced(Exception):
    """The part refers to what is not in it, or is nested too deep."""


def _parsed(text: str, span: Span) -> _Node | None:
    import yaml

    cut = text[span.start : span.end]
    if not cut:
        return None
    if "\\ud" in cut or "\\uD" in cut:
        # JSON may say a character in two halves, which YAML may not; as long as they are, they are none of a key's.
        cut = _SURROGATE.sub(r"\\uFFFD", cut)
    try:
        return _Composer(" " * (span.column - 1) + cut, span.line).document()
    except (yaml.YAMLError, Malformed, _Unplaced, NoValue):
        return None


class _Composer:
    """Nodes from the events of one document."""

    def __init__(self, text: str, first_line: int) -> None:
        import yaml

        self._next = cast("Callable[[], ScalarEvent]", events_of(text).get_event)
        self._first_line = first_line
        self._scalar: type[Event] = yaml.ScalarEvent
        self._alias: type[Event] = yaml.AliasEvent
        self._sequence: type[Event] = yaml.SequenceStartEvent
        self._sequence_end: type[Event] = yaml.SequenceEndEvent
        self._mapping_end: type[Event] = yaml.MappingEndEvent
        self._document: type[Event] = yaml.DocumentStartEvent
        self._end: type[Event] = yaml.StreamEndEvent
        self._anchors: dict[str, _Node] = {}

    def document(self) -> _Node | None:
        while (event := self._next()).__class__ is not self._document:
            if event.__class__ is self._end:
                return None
        return self._node(self._next(), 0)

    def _node(self, event: "ScalarEvent", depth: int) -> _Node:
        kind = event.__class__
        if kind is self._alias:
            aliased = self._anchors.get(event.anchor or "")
            if aliased is None:
                raise _Unplaced
            return aliased
        if depth > _MOST_NESTED:
            raise _Unplaced
        mark = event.start_mark
        assert mark is not None
        line, column = mark.line + self._first_line, mark.column + 1
        if kind is self._scalar:
            node = _Node(line, column, event.value)
        elif kind is self._sequence:
            elements: list[_Node] = []
            while (element := self._next()).__class__ is not self._sequence_end:
                elements.append(self._node(element, depth + 1))
            node = _Node(line, column, elements)
        else:
            node = _Node(line, column, self._fields(depth))
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _fields(self, depth: int) -> dict[str, _Field]:
        fields: dict[str, _Field] = {}
        take, scalar, end, first_line = self._next, self._scalar, self._mapping_end, self._first_line
        while (event := take()).__class__ is not end:
            name = event.value if event.__class__ is scalar else ""
            is_plain = event.__class__ is scalar and event.tag is None and event.implicit[0]
            if name == "<<" and (is_plain or event.tag == MERGE):
                _merge(fields, self._node(take(), depth + 1))
                continue
            if not is_plain or event.anchor is not None:
                # An anchor on a key may be used below, and a key may be an alias.
                held = self._node(event, depth).held
                if not isinstance(held, str):
                    raise _Unplaced
                name = held
            if is_plain and name not in _KNOWN_KEYS:
                known = key(name)
                if known == name and len(_KNOWN_KEYS) < _MOST_KEYS:
                    _KNOWN_KEYS.add(name)
                name = known
            mark = event.start_mark
            assert mark is not None
            fields[name] = _Field(mark.line + first_line, mark.column + 1, self._node(take(), depth + 1))
        return fields


def _merge(fields: dict[str, _Field], merged: _Node) -> None:
    for one in reversed(merged.held if isinstance(merged.held, list) else [merged]):
        if isinstance(one.held, dict):
            fields.update(one.held)


def _below(node: _Node, part: Part) -> _Field | None:
    """The field or the element that a part of a path means, as model/path.py reads it."""
    if isinstance(node.held, dict):
        return node.held.get(part.name)
    if isinstance(node.held, str):
        return None
    for element in node.held:
        name = element.held.get("name") if isinstance(element.held, dict) else None
        if name is not None and name.node.held == part.name:
            return _Field(element.line, element.column, element)
    if part.name.isdecimal() and int(part.name) < len(node.held):
        element = node.held[int(part.name)]
        return _Field(element.line, element.column, element)
    return None
