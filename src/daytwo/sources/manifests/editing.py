"""Changes fields in the text that somebody wrote, and nothing else: comments, order, quotes, indentation and blank lines stay.

Each change is a small cut in the text, at the places of the values in it. The result is read again, and holds exactly what the
edits say or is refused.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import msgspec

from daytwo.model.json import Json, Object
from daytwo.model.origin import Origin
from daytwo.model.path import APPEND, Part, parse
from daytwo.model.repair import Edit, Inapplicable, applied
from daytwo.sources.manifests.places import Places, Span
from daytwo.sources.manifests.scalars import NoValue, key, plain
from daytwo.sources.manifests.values import Malformed, events_of, values_of

if TYPE_CHECKING:
    from yaml import Event, ScalarEvent

_STEP: Final = 2
_LITERAL: Final = "|"
_FOLDED: Final = ">"
_MERGE: Final = "<<"
# What may stand without quotes, in brackets as well; whether it is then read as a text is asked of the reader.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./$(][A-Za-z0-9_./$()@%+=-]*(?::[A-Za-z0-9_./$()@%+=-]+)*(?: [A-Za-z0-9_./$()@%+=-]+)*")


class Uneditable(Exception):
    """Why a field cannot be changed in its text without changing something else."""


def edited(text: str, origin: Origin, edits: Sequence[Edit]) -> str:
    """The text with these edits of the object at `origin` made, and not a word changed beside them. Raises Uneditable.

    What an edit would change for others as well, since it comes by an alias or a merge key, is not changed. A comment goes with the
    field that it stands above or beside when the field is removed.
    """
    # Only its own document is read: a file may hold thousands of others.
    span = Places(lambda _: text).span(msgspec.structs.replace(origin, item=None))
    if span is None:
        raise Uneditable("its object is not found in the text any more")
    indent = " " * (span.column - 1)
    changed = before = indent + text[span.start : span.end]
    local = _Local(msgspec.structs.replace(origin, line=1, column=span.column), span.line - 1, _break_of(text))
    left = list(reversed(edits))
    while left:
        made = _edited(changed, local, left.pop())
        if isinstance(made, str):
            changed = made
        else:
            left.extend(reversed(made))
    _verify(_values(before, local.lines_before), _values(changed, local.lines_before), local.origin, edits)
    return text[: span.start] + changed[len(indent) :] + text[span.end :]


def object_at(text: str, origin: Origin) -> Object:
    """The object as it is written there. Raises Uneditable where there is none any more."""
    span = Places(lambda _: text).span(msgspec.structs.replace(origin, item=None))
    found = _values(" " * (span.column - 1) + text[span.start : span.end], span.line - 1)[:1] if span is not None else []
    value: Json = found[0] if found else None
    if origin.item is not None:
        items = value.get("items") if isinstance(value, dict) else None
        value = items[origin.item] if isinstance(items, list) and origin.item < len(items) else None
    if not isinstance(value, dict):
        raise Uneditable("its object is not found in the text any more")
    return value


class _Local(NamedTuple):
    """A document cut out of its file: where its object stands in it, how many lines are before it, and how lines end there."""

    origin: Origin
    lines_before: int
    line_break: str


def written(value: Json, indent: int = 0) -> list[str]:
    """A value as YAML in blocks, line by line."""
    return _Writer(_STEP, 0).block(value, indent)


def appended(text: str, documents: Sequence[Object]) -> str:
    """The text with further documents at its end; of JSON, as more JSON. Raises Uneditable."""
    before = _values(text)
    line_break = _break_of(text)
    is_json = text.lstrip()[:1] == "{"
    parts = [text if not text or text.endswith("\n") else text + line_break]
    for document in documents:
        if is_json:
            parts.append(json.dumps(document, indent=2, ensure_ascii=False).replace("\n", line_break) + line_break)
            continue
        if before or len(parts) > 1:
            parts.append(f"---{line_break}")
        parts += [line + line_break for line in written(document)]
    changed = "".join(parts)
    if not _is_same(list(_values(changed)), [*before, *documents]):
        raise Uneditable("what would stand at its end is read as something else")
    return changed


def _values(text: str, lines_before: int = 0) -> list[Json]:
    try:
        return [found.value for found in values_of(text)]
    except Malformed as malformed:
        raise Uneditable(f"line {malformed.line + lines_before}: {malformed}") from None


def _verify(before: Sequence[Json], after: Sequence[Json], origin: Origin, edits: Sequence[Edit]) -> None:
    """The first value, which is the one that is edited, is as the edits say; further ones, in a text of JSON, are as they were."""
    if not before:
        raise Uneditable("its object is not found in the text any more")
    try:
        wanted = [_edited_value(before[0], origin, edits), *before[1:]]
    except Inapplicable as refused:
        raise Uneditable(str(refused)) from None
    if not _is_same(list(after), wanted):
        raise Uneditable("the text would mean something else than the change that was asked for")


def _edited_value(value: Json, origin: Origin, edits: Sequence[Edit]) -> Json:
    if origin.item is None:
        return applied(value, edits)
    items = value.get("items") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(items, list) or origin.item >= len(items):
        raise Inapplicable(f"there is no item {origin.item}")
    changed: list[Json] = [applied(one, edits) if number == origin.item else one for number, one in enumerate(items)]
    return {**value, "items": changed}


def _is_same(one: Json, other: Json) -> bool:
    """Equal, and of the same types: true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return type(one) is type(other) and one == other


def _edited(text: str, local: _Local, edit: Edit) -> str | list[Edit]:
    """The text with one edit made, or smaller edits that together are that one."""
    span = Places(lambda _: text).span(local.origin)
    if span is None:
        raise Uneditable("its object is not found in the text any more")
    parts = parse(edit.path)
    if not parts:
        raise Uneditable("the whole object is not replaced")
    return _Editor(text, _composed(text, span, local.lines_before), local.line_break).made(parts, edit)


# -- the text as a tree ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Node:
    """A value in the text, from its first character to after its last."""

    start: int
    end: int
    column: int
    line: int
    fields: "list[tuple[_Node, _Node]] | None" = None
    elements: "list[_Node] | None" = None
    text: str = ""
    style: str = ""
    is_flow: bool = False
    is_plain: bool = False
    is_tagged: bool = False
    anchor: str = ""
    alias: str = ""

    @property
    def is_collection(self) -> bool:
        return self.fields is not None or self.elements is not None

    @property
    def is_block(self) -> bool:
        return self.is_collection and not self.is_flow

    @property
    def is_empty(self) -> bool:
        return self.is_collection and not self.fields and not self.elements

    @property
    def is_nothing(self) -> bool:
        """Nothing is written at all, which is null."""
        return self.start == self.end

    @property
    def name(self) -> str:
        return key(self.text) if self.is_plain else self.text


def _composed(text: str, span: Span, lines_before: int) -> _Node:
    import yaml

    try:
        return _Composer(text, span, lines_before).document()
    except (yaml.YAMLError, Malformed, NoValue):
        raise Uneditable("its text refers to what stands outside of it, or is not plain YAML") from None


class _Composer:
    """Nodes of one object with their places in the whole text."""

    def __init__(self, text: str, span: Span, lines_before: int) -> None:
        import yaml

        indent = span.column - 1
        self._text = text
        self._offset = span.start - indent
        self._line = span.line + lines_before
        self._next = cast("Callable[[], ScalarEvent]", events_of(" " * indent + text[span.start : span.end]).get_event)
        self._scalar: type[Event] = yaml.ScalarEvent
        self._alias: type[Event] = yaml.AliasEvent
        self._sequence: type[Event] = yaml.SequenceStartEvent
        self._sequence_end: type[Event] = yaml.SequenceEndEvent
        self._mapping_end: type[Event] = yaml.MappingEndEvent
        self._document: type[Event] = yaml.DocumentStartEvent

    def document(self) -> _Node:
        import yaml

        while (event := self._next()).__class__ is not self._document:
            if isinstance(event, yaml.StreamEndEvent):
                raise Uneditable("its object is not found in the text any more")
        return self._node(self._next())

    def _node(self, event: "ScalarEvent") -> _Node:
        mark, end = event.start_mark, event.end_mark
        assert mark is not None
        assert end is not None
        node = _Node(mark.index + self._offset, end.index + self._offset, mark.column, mark.line + self._line)
        kind = event.__class__
        if kind is self._alias:
            node.alias = event.anchor or ""
            return node
        node.anchor, node.is_tagged = event.anchor or "", event.tag is not None
        if kind is self._scalar:
            node.text, node.style, node.is_plain = event.value, event.style or "", bool(event.implicit[0])
            if node.style in (_LITERAL, _FOLDED):
                node.end = self._end_of_block(node)
            return node
        node.is_flow = bool(event.flow_style)  # type: ignore[attr-defined]  # of the event of a collection
        if kind is self._sequence:
            node.elements = []
            while (inner := self._next()).__class__ is not self._sequence_end:
                node.elements.append(self._node(inner))
        else:
            node.fields = []
            while (inner := self._next()).__class__ is not self._mapping_end:
                name = self._node(inner)
                node.fields.append((name, self._node(self._next())))
        if node.is_flow:
            assert inner.end_mark is not None
            node.end = inner.end_mark.index + self._offset
        elif node.elements:
            node.end = node.elements[-1].end
        elif node.fields:
            node.end = node.fields[-1][1].end
        return node

    def _end_of_block(self, node: _Node) -> int:
        """Without the blank lines after it, which are part of it only where its head has a `+`."""
        header, _, _ = self._text[node.start : node.end].partition("\n")
        if "+" in header.partition("#")[0]:
            return self._text.rfind("\n", 0, node.end) + 1
        return node.start + len(self._text[node.start : node.end].rstrip(" \r\n"))


def _below(node: _Node) -> Iterator[_Node]:
    """The node and all that stands in it."""
    yield node
    for name, value in node.fields or ():
        yield name
        yield from _below(value)
    for element in node.elements or ():
        yield from _below(element)


# -- the change --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Writer:
    """Values as text, in the manner of the file: how far fields are set in, and elements of lists."""

    step: int
    list_step: int
    is_json: bool = False

    def flow(self, value: Json) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.key(name)}: {self.flow(one)}" for name, one in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + "]"
        return self.scalar(value)

    def block(self, value: Json, indent: int) -> list[str]:
        """Lines without their ends; of what is empty, or one value, one line."""
        margin = " " * indent
        if isinstance(value, dict) and value:
            lines = []
            for name, one in value.items():
                lines += self.field(name, one, indent)
            return lines
        if isinstance(value, list) and value:
            lines = []
            for one in value:
                first, *others = self.block(one, indent + 2)
                lines += [f"{margin}- {first.lstrip()}", *others]
            return lines
        return [margin + self.flow(value)]

    def field(self, name: str, value: Json, indent: int) -> list[str]:
        head = f"{' ' * indent}{self.key(name)}:"
        if not isinstance(value, dict | list) or not value:
            return [f"{head} {self.flow(value)}"]
        return [head, *self.block(value, indent + (self.list_step if isinstance(value, list) else self.step))]

    def key(self, name: str) -> str:
        return json.dumps(name, ensure_ascii=False) if self.is_json or not _is_plain(name) or key(name) != name else name

    def scalar(self, value: Json, quote: str = "") -> str:
        if not isinstance(value, str) or self.is_json:
            return json.dumps(value, ensure_ascii=False)
        if quote == "'" and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        return value if not quote and _is_plain(value) else json.dumps(value, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    try:
        return _PLAIN.fullmatch(text) is not None and plain(text) == text
    except NoValue:
        return False


@dataclass
class _Editor:
    """Makes one edit of one object in a text."""

    text: str
    root: _Node
    line_break: str
    _aliases: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in _below(self.root):
            if node.alias:
                self._aliases.setdefault(node.alias, node.line)
        self._writer = _manner(self.root)

    def made(self, parts: Sequence[Part], edit: Edit) -> str | list[Edit]:
        """The text with the edit made: down to the deepest holder that is there, and there the change.

        A collection for one of its kind is smaller edits: what both have stays where it is, with its comments.
        """
        holder = self._entered(self.root)
        for number, part in enumerate(parts):
            rest = parts[number + 1 :]
            if holder.elements is not None:
                if part.name == APPEND and part.is_bracketed:
                    return self.text if edit.is_removal else self._append(holder, _nested(rest, edit.value))
                index = _element(holder, part)
                if index is None:
                    raise Uneditable(f"there is no element [{part.name}]")
                name, below = None, holder.elements[index]
                if not rest and edit.is_removal:
                    return self._without_element(holder, index)
            else:
                at = _field(holder, part.name)
                if at is None:
                    self._refuse_merged(holder, part.name, is_whole=not rest and not edit.is_removal)
                    return self.text if edit.is_removal else self._with_field(holder, part.name, _nested(rest, edit.value))
                assert holder.fields is not None
                name, below = holder.fields[at]
                if not rest and edit.is_removal:
                    return self._without_field(holder, at)
            if not rest:
                smaller = [] if below.alias else self._smaller(below, edit)
                return smaller or self._replaced(holder, below, name, edit.value)
            if _is_null(below) or (below.is_empty and not holder.is_flow and not below.anchor):
                return self.text if edit.is_removal else self._replaced(holder, below, name, _nested(rest, edit.value))
            holder = self._entered(below)
        raise AssertionError("a path ends")

    def _entered(self, node: _Node) -> _Node:
        """A node that is about to be changed within: nobody else may see that."""
        if node.alias:
            raise Uneditable(f"comes by the alias *{node.alias}, and what it stands for is used elsewhere too; change it by hand")
        if node.anchor and node.anchor in self._aliases:
            raise Uneditable(f"&{node.anchor} is used in line {self._aliases[node.anchor]} as well, which would change with it")
        if node.is_tagged:
            raise Uneditable(f"line {node.line}: is tagged")
        if not node.is_collection:
            raise Uneditable(f"line {node.line}: is one value, in which nothing can stand")
        if node.is_block and node.fields and self.text[node.fields[0][0].start - 1 : node.fields[0][0].start + 1].startswith("? "):
            raise Uneditable(f"line {node.line}: its keys are written with question marks")
        return node

    def _refuse_merged(self, holder: _Node, name: str, *, is_whole: bool) -> None:
        """A field that a merge key brings may be written over as a whole, beside the merge key; nothing in it may be changed."""
        if is_whole:
            return
        for merge, value in holder.fields or ():
            if merge.text != _MERGE or not merge.is_plain:
                continue
            sources = value.elements if value.elements is not None else [value]
            for source in sources:
                target = next((node for node in _below(self.root) if node.anchor and node.anchor == source.alias), source)
                if _field(target, name) is not None:
                    raise Uneditable(f"{name} comes by the merge key in line {merge.line} from line {target.line}; change it by hand")

    def _refuse_used(self, node: _Node) -> None:
        for one in _below(node):
            if one.anchor and one.anchor in self._aliases:
                raise Uneditable(f"&{one.anchor} is used in line {self._aliases[one.anchor]} as well")

    # -- a value for another ------------------------------------------------------------------------------------------

    def _smaller(self, old: _Node, edit: Edit) -> list[Edit]:
        if isinstance(edit.value, dict) and old.fields and edit.value:
            self._entered(old)
            names = [name.name for name, _ in old.fields]
            if _MERGE in names:
                raise Uneditable(f"line {old.line}: has a merge key")
            kept = [Edit(f"{edit.path}[{name}]", one) for name, one in edit.value.items()]
            return [*kept, *(Edit(f"{edit.path}[{name}]", is_removal=True) for name in names if name not in edit.value)]
        if isinstance(edit.value, list) and old.elements and edit.value:
            self._entered(old)
            count = len(old.elements)
            steps = [Edit(f"{edit.path}[{number if number < count else APPEND}]", one) for number, one in enumerate(edit.value)]
            return [*steps, *(Edit(f"{edit.path}[{number}]", is_removal=True) for number in reversed(range(len(edit.value), count)))]
        return []

    def _replaced(self, holder: _Node, old: _Node, name: _Node | None, value: Json) -> str:
        """Another value for a field, or for an element where `name` is None."""
        if old.is_tagged:
            raise Uneditable(f"line {old.line}: is tagged")
        self._refuse_used(old)
        is_inline = holder.is_flow or not isinstance(value, dict | list) or not value
        if name is not None and old.is_block:
            return self._in_place_of_block(name, old, value, is_inline=is_inline)
        if is_inline:
            quote = old.style if old.style in ("'", '"') and isinstance(value, str) else ""
            written = self._writer.flow(value) if isinstance(value, dict | list) else self._writer.scalar(value, quote)
            before = " " if old.is_nothing and self.text[old.start - 1 : old.start] in (":", "-") else ""
            after = self.line_break if old.end > old.start and self.text[old.end - 1] == "\n" else ""
            return self._cut(old.start, old.end, before + written + self._beside_head(old) + after)
        if name is None:
            if old.is_nothing:
                return self._cut(old.start, old.end, " " + self._lines(value, self._column(old.start) + 1).lstrip(" "))
            return self._cut(old.start, old.end, self._lines(value, old.column).lstrip(" "))
        # `resources: {}  # none` becomes `resources:  # none`, and the value stands on lines of its own.
        head = len(self.text[: old.start].rstrip(" \r\n"))
        end = old.end - len(self.line_break) if old.end > old.start and self.text[old.end - 1] == "\n" else old.end
        line_end = self._line_end(end)
        beside = self._beside_head(old) + self.text[end:line_end]
        return self._cut(head, line_end, beside + self.line_break + self._lines(value, self._indent_of(name, value)))

    def _beside_head(self, old: _Node) -> str:
        """The comment beside the `|` of a text that goes."""
        header = self.text[old.start : self._line_end(old.start)] if old.style in (_LITERAL, _FOLDED) else ""
        return f"  {header[header.index('#') :]}" if "#" in header else ""

    def _in_place_of_block(self, name: _Node, old: _Node, value: Json, *, is_inline: bool) -> str:
        """What stands beside the field's name stays, and the lines below it go."""
        head = self.text.index(":", name.end) + 1
        line_end = self._line_end(head)
        end = old.end - len(self.line_break) if self.text[old.end - 1] == "\n" else self._line_end(old.end)
        beside = self.text[head:line_end]
        if is_inline:
            return self._cut(head, end, f" {self._writer.flow(value)}{beside}")
        return self._cut(head, end, beside + self.line_break + self._lines(value, self._indent_of(name, value)))

    def _indent_of(self, name: _Node, value: Json) -> int:
        """How far the lines of a field's value are set in."""
        return name.column + (self._writer.list_step if isinstance(value, list) else self._writer.step)

    # -- what is added ------------------------------------------------------------------------------------------------

    def _with_field(self, holder: _Node, name: str, value: Json) -> str:
        if holder.is_flow:
            written = f"{self._writer.key(name)}: {self._writer.flow(value)}"
            return self._into_brackets(holder, [one for pair in holder.fields or () for one in pair], written)
        first, last = (holder.fields or [])[0][0], (holder.fields or [])[-1][1]
        return self._after(last, self.line_break.join(self._writer.field(name, value, first.column)))

    def _append(self, holder: _Node, value: Json) -> str:
        elements = holder.elements or []
        if holder.is_flow:
            return self._into_brackets(holder, elements, self._writer.flow(value))
        column = self._dash_column(holder, 0)
        gap = elements[0].column - column - 1 if elements[0].line == self._line_of_dash(holder, 0) and not elements[0].is_nothing else 1
        lines = self._writer.block(value, column + 1 + gap)
        lines[0] = f"{' ' * column}-{' ' * gap}{lines[0].lstrip(' ')}"
        return self._after(elements[-1], self.line_break.join(lines))

    def _after(self, last: _Node, lines: str) -> str:
        """Lines of their own after the line on which a value ends."""
        end = last.end
        if end > last.start and self.text[end - 1] == "\n":
            return self._cut(end, end, lines + self.line_break)
        end = self._line_end(end)
        return self._cut(end, end, self.line_break + lines)

    def _into_brackets(self, holder: _Node, nodes: Sequence[_Node], written: str) -> str:
        if not nodes:
            return self._into_empty(holder, written)
        last = nodes[-1]
        # The first of a pair, or the element itself.
        begin = nodes[-2] if holder.fields is not None else last
        line_start = self.text.rfind("\n", 0, begin.start) + 1
        is_alone = not self.text[line_start : begin.start].strip()
        between = f",{self.line_break}{self.text[line_start : begin.start]}" if is_alone else ", "
        if last.is_nothing and last is not begin:
            between = f" {between}" if self.text[last.start - 1] not in " :" else between
        return self._cut(last.end, last.end, between + written)

    def _into_empty(self, holder: _Node, written: str) -> str:
        opening = self.text.index("{" if holder.fields is not None else "[", holder.start)
        return self._cut(opening + 1, holder.end - 1, written)

    # -- what is removed ----------------------------------------------------------------------------------------------

    def _without_field(self, holder: _Node, at: int) -> str:
        fields = holder.fields or []
        name, value = fields[at]
        self._refuse_used(name)
        self._refuse_used(value)
        if holder.is_flow:
            return self._out_of_brackets([(one.start, other.end) for one, other in fields], at)
        if len(fields) == 1:
            return self._emptied(holder)
        line_start = self.text.rfind("\n", 0, name.start) + 1
        if self.text[line_start : name.start].strip():
            # The first field of an element, beside its dash: the next one takes its place, unless there are comments between them.
            following, line_end = fields[at + 1][0].start, self._line_end(value.end)
            if self.text[value.end - 1 : value.end] == "\n" or not self.text[line_end:following].strip():
                return self._cut(name.start, following, "")
            return self._cut(len(self.text[: name.start].rstrip(" ")), line_end, "")
        return self._without_lines(line_start, value, name.column)

    def _without_element(self, holder: _Node, index: int) -> str:
        elements = holder.elements or []
        self._refuse_used(elements[index])
        if holder.is_flow:
            return self._out_of_brackets([(one.start, one.end) for one in elements], index)
        if len(elements) == 1:
            return self._emptied(holder)
        dash = self._dash(holder, index)
        line_start = self.text.rfind("\n", 0, dash) + 1
        if self.text[line_start:dash].strip():
            raise Uneditable(f"line {holder.line}: stands on one line with what it is in")
        return self._without_lines(line_start, elements[index], dash - line_start)

    def _without_lines(self, line_start: int, value: _Node, column: int) -> str:
        """Without a value's lines, and the comments right above that are set in as it is."""
        own = re.compile(rf"[ ]{{{column}}}#")
        while line_start > 0:
            previous = self.text.rfind("\n", 0, line_start - 1) + 1
            if not own.match(self.text, previous, line_start):
                break
            line_start = previous
        end = value.end
        if end == value.start or self.text[end - 1] != "\n":
            end = self._line_end(end)
            if end == len(self.text):
                line_start = max(len(self.text[:line_start].removesuffix("\n").removesuffix("\r")), 0)
            else:
                end = self.text.index("\n", end) + 1
        return self._cut(line_start, end, "")

    def _emptied(self, holder: _Node) -> str:
        """The last of a block's values goes: what held it holds nothing, which must be said."""
        if holder is self.root:
            raise Uneditable("nothing would be left of the object")
        if holder.anchor:
            raise Uneditable(f"line {holder.line}: nothing would be left of &{holder.anchor}")
        name = next((name for node in _below(self.root) for name, value in node.fields or () if value is holder), None)
        if name is not None:
            return self._in_place_of_block(name, holder, {} if holder.fields is not None else [], is_inline=True)
        start = holder.start if holder.elements is None else self._dash(holder, 0)
        return self._cut(start, max(holder.end, start), "{}" if holder.fields is not None else "[]")

    def _out_of_brackets(self, spans: Sequence[tuple[int, int]], at: int) -> str:
        start, end = spans[at]
        if at + 1 < len(spans):
            return self._cut(start, spans[at + 1][0], "")
        before = spans[at - 1][1] if at else start
        between = self.text[before:start]
        # A comment between belongs to what stays: only the comma goes.
        return self._cut(before, end, between.replace(",", "", 1).rstrip(" ") if "#" in between else "")

    # -- the text -----------------------------------------------------------------------------------------------------

    def _cut(self, start: int, end: int, written: str) -> str:
        return self.text[:start] + written + self.text[end:]

    def _lines(self, value: Json, indent: int) -> str:
        return self.line_break.join(self._writer.block(value, indent))

    def _column(self, at: int) -> int:
        return at - (self.text.rfind("\n", 0, at) + 1)

    def _line_end(self, at: int) -> int:
        """Where the line ends that goes on there, before its break."""
        end = self.text.find("\n", at)
        if end < 0:
            return len(self.text)
        return end - 1 if end > at and self.text[end - 1] == "\r" else end

    def _is_in_comment(self, at: int) -> bool:
        """Whether a comment has begun before this place in its line; only asked between elements, where no text stands."""
        before = self.text[self.text.rfind("\n", 0, at) + 1 : at]
        return before.lstrip().startswith("#") or " #" in before

    def _dash(self, holder: _Node, index: int) -> int:
        """Where the dash of an element of a block stands."""
        element = (holder.elements or [])[index]
        lowest = (holder.elements or [])[index - 1].end if index else self.text.rfind("\n", 0, holder.start) + 1
        at = element.start
        column: int | None = None if index == 0 else self._dash_column(holder, 0)
        while (at := self.text.rfind("-", lowest, at)) >= 0:
            if column in (None, self._column(at)) and not self.text[at + 1 : at + 2].strip() and not self._is_in_comment(at):
                return at
        raise Uneditable(f"line {element.line}: its dash is not found")

    def _dash_column(self, holder: _Node, index: int) -> int:
        return self._column(self._dash(holder, index))

    def _line_of_dash(self, holder: _Node, index: int) -> int:
        dash, element = self._dash(holder, index), (holder.elements or [])[index]
        return element.line - self.text.count("\n", dash, element.start)


def _nested(parts: Sequence[Part], value: Json) -> Json:
    """A value with what the rest of its path leads through."""
    for part in reversed(parts):
        value = [value] if part.is_bracketed and part.name == APPEND else {part.name: value}
    return value


def _element(holder: _Node, part: Part) -> int | None:
    """As model/path.py reads it."""
    elements = holder.elements or []
    for index, element in enumerate(elements):
        at = _field(element, "name")
        if at is not None and (element.fields or [])[at][1].text == part.name:
            return index
    return int(part.name) if part.name.isdecimal() and int(part.name) < len(elements) else None


def _field(holder: _Node, name: str) -> int | None:
    """The last of its name: it is the one that counts."""
    found = [index for index, (one, _) in enumerate(holder.fields or ()) if not one.alias and not one.is_collection and one.name == name]
    return found[-1] if found else None


def _is_null(node: _Node) -> bool:
    return not node.is_collection and not node.alias and not node.anchor and node.is_plain and plain(node.text) is None


def _break_of(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _manner(root: _Node) -> _Writer:
    """How the object is written: the first field that is set in tells how far, and the first list whether its dashes are."""
    step: int | None = None
    list_step: int | None = None
    for node in _below(root):
        for name, value in node.fields or ():
            if not node.is_block or not value.is_block or value.line == name.line:
                continue
            if value.elements is not None and list_step is None:
                list_step = max(value.column - name.column, 0)
            elif value.fields is not None and step is None and value.fields:
                step = max(value.fields[0][0].column - name.column, 1)
    is_json = root.is_flow and bool(root.fields) and (root.fields or [])[0][0].style == '"'
    return _Writer(step or _STEP, list_step if list_step is not None else 0, is_json)
