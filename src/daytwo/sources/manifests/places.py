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


class _Node:
    """A value with its place. `text` is a scalar's; `fields` are a mapping's, with the places of their keys."""

    __slots__ = ("column", "elements", "fields", "line", "text")

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column
        self.text: str | None = None
        self.fields: dict[str, tuple[int, int, _Node]] | None = None
        self.elements: list[_Node] | None = None


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
        document = self._document(text, origin)
        if document is None or origin.item is None:
            return document
        where = (origin.file, origin.line, origin.column)
        items = self._items.get(where)
        if items is None:
            items = _items_of(text, document)
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
            items = whole.fields.get("items") if whole is not None and whole.fields is not None else None
            elements = items[2].elements if items is not None else None
            node = elements[origin.item] if elements is not None and origin.item < len(elements) else None
        _keep(self._nodes, where, node, _MOST_DOCUMENTS)
        return node

    def _document(self, text: str, origin: Origin) -> Span | None:
        starts = self._breaks.get(origin.file)
        if starts is None:
            starts = _line_starts(text)
            _keep(self._breaks, origin.file, starts, _MOST_TEXTS)
        if origin.line > len(starts):
            return None
        line_start = starts[origin.line - 1]
        start = line_start + origin.column - 1
        end = _END.search(text, line_start + 1)
        return Span(start, end.start() if end is not None else len(text), origin.line, origin.column)


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
            node = self._anchors.get(event.anchor or "")
            if node is None:
                raise _Unplaced
            return node
        if depth > _MOST_NESTED:
            raise _Unplaced
        mark = event.start_mark
        assert mark is not None
        node = _Node(mark.line + self._first_line, mark.column + 1)
        if kind is self._scalar:
            node.text = event.value
        elif kind is self._sequence:
            node.elements = []
            while (element := self._next()).__class__ is not self._sequence_end:
                node.elements.append(self._node(element, depth + 1))
        else:
            node.fields = self._fields(depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _fields(self, depth: int) -> dict[str, tuple[int, int, _Node]]:
        fields: dict[str, tuple[int, int, _Node]] = {}
        while (event := self._next()).__class__ is not self._mapping_end:
            if event.__class__ is self._alias:
                name = self._node(event, depth).text
            elif event.__class__ is self._scalar:
                is_plain = event.tag is None and event.implicit[0]
                if event.value == "<<" and (is_plain or event.tag == MERGE):
                    _merge(fields, self._node(self._next(), depth + 1))
                    continue
                # An anchor on a key may be used below.
                name = self._node(event, depth).text
                name = key(name) if is_plain and name is not None else name
            else:
                name = None
            if name is None:
                raise _Unplaced
            mark = event.start_mark
            assert mark is not None
            fields[name] = (mark.line + self._first_line, mark.column + 1, self._node(self._next(), depth + 1))
        return fields


def _merge(fields: dict[str, tuple[int, int, _Node]], merged: _Node) -> None:
    for one in reversed(merged.elements if merged.elements is not None else [merged]):
        fields.update(one.fields or {})


def _below(node: _Node, part: Part) -> tuple[int, int, _Node] | None:
    """The field or the element that a part of a path means, as model/path.py reads it."""
    if node.fields is not None:
        return node.fields.get(part.name)
    if node.elements is None:
        return None
    for element in node.elements:
        name = element.fields.get("name") if element.fields is not None else None
        if name is not None and name[2].text == part.name:
            return element.line, element.column, element
    if part.name.isdecimal() and int(part.name) < len(node.elements):
        element = node.elements[int(part.name)]
        return element.line, element.column, element
    return None
