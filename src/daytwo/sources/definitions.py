"""Files in which people define things, read by the types they become. What is misspelt is refused with its place and what to write.

A `Literal` of names, a catalogue of checks or actions: what a name must be one of is said by the type's own metadata (`names`).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from daytwo.model.errors import UsageError, did_you_mean
from daytwo.model.moment import parse_duration
from daytwo.sources.yaml_mistake import told

if TYPE_CHECKING:
    from yaml import Event, Node

T = TypeVar("T", bound=msgspec.Struct)

_MOST_NESTED: Final = 50

PLACE: Final = {"place": True}
"""Marks the field that is filled with where its entry stands, `exemptions.yaml:12:3`; nobody writes it."""


class Vocabulary(msgspec.Struct, frozen=True):
    """Names that fields marked with `{"names": KEY}` must be of: how one is called, which there are, who lists them.

    `types` gives, for a mapping whose values depend on the name (`{"typed_by": KEY}`), the type of a name's value; None refuses it.
    """

    word: str
    known: Callable[[], Iterable[str]]
    lister: str
    types: Callable[[str], type[msgspec.Struct] | None] | None = None


class Definition(msgspec.Struct, frozen=True):
    """What a sort of file is called, where errors speak of it: its word for a field, and for the whole."""

    field: str
    whole: str
    vocabularies: Mapping[str, Vocabulary] = {}


def read_definition(path: Path, type: type[T], definition: Definition) -> T:
    """The value that a file defines; an empty file is all defaults. UsageError says file:line:column and what to write."""
    try:
        # A pipe gives its text once, and --fix asks what is exempt more than once.
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else _text_of_stream(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is no text in UTF-8") from None
    return parse_definition(text, str(path), type, definition)


def named_file(how: str, path: Path) -> Path:
    """The path that an option or a variable (`how`) names, to whatever can be read: /dev/null, a pipe. UsageError for what is none."""
    if path.is_dir():
        raise UsageError(f"{how}: {path} is a folder; name a file")
    if not path.exists():
        raise UsageError(f"{how}: there is no file {path}")
    return path


@cache
def _text_of_stream(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def parse_definition(text: str, name: str, type: type[T], definition: Definition) -> T:
    """The same of a text; `name` is how errors call it."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # The C composer ends the process where brackets are nested thousands deep; its events do not.
        if _depth(yaml.parse(text, Loader=loader)) > _MOST_NESTED:
            raise UsageError(f"{name}: is nested more than {_MOST_NESTED} deep")
        root = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise UsageError(f"{place}: is no YAML: {told(error, text)}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"{name}: is no YAML: {error}") from None
    if root is None:
        return type()
    values = _Reader(name, definition).read(root, msgspec.inspect.type_info(type), "")
    try:
        return msgspec.convert(values, type)
    except msgspec.ValidationError as error:
        raise UsageError(f"{name}: {error}") from None


def _depth(events: "Iterable[Event]") -> int:
    """How deep the collections of a text are nested, as far as that matters."""
    from yaml import CollectionEndEvent, CollectionStartEvent

    depth = deepest = 0
    for event in events:
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        deepest = max(deepest, depth)
        if deepest > _MOST_NESTED:
            break
    return deepest


class _Reader:
    """Follows a document and the types of the tree together."""

    def __init__(self, name: str, definition: Definition) -> None:
        self._name = name
        self._definition = definition

    # What comes out has been checked against its type here, and is once more by msgspec.
    def read(self, node: "Node", type: msgspec.inspect.Type, key: str, extra: Mapping[str, object] | None = None) -> Any:
        from yaml import MappingNode, ScalarNode, SequenceNode

        if isinstance(type, msgspec.inspect.Metadata):
            return self.read(node, type.type, key, {**(extra or {}), **(type.extra or {})})
        if isinstance(type, msgspec.inspect.UnionType):
            if isinstance(node, ScalarNode) and node.tag.endswith(":null"):
                return None
            (inner,) = (one for one in type.types if not isinstance(one, msgspec.inspect.NoneType))
            return self.read(node, inner, key, extra)
        if isinstance(type, msgspec.inspect.StructType):
            fields = {field.encode_name: field for field in type.fields}
            found = self._mapping(node, key, {name: field for name, field in fields.items() if not _extra(field.type).get("place")})
            values = {name: self.read(value, fields[name].type, f"{key}.{name}".lstrip(".")) for name, (_, value) in found.items()}
            for name, field in fields.items():
                if _extra(field.type).get("place"):
                    values[name] = f"{self._name}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"
                elif field.required and name not in found:
                    raise self._wrong(node, f'"{name}" is missing: {_described(field.type) or "it must be written"}')
            return values
        if isinstance(type, msgspec.inspect.DictType):
            if not isinstance(node, MappingNode):
                raise self._wrong(node, f"{_within(key)} holds names and their values; write {_within(key)}: {{NAME: VALUE}}")
            found = self._mapping(node, key, None)
            for name, (name_node, _) in found.items():
                self._check_name(name_node, name, extra)
            return {
                name: self.read(value, self._value_type(name_node, name, type, extra), f"{key}.{name}")
                for name, (name_node, value) in found.items()
            }
        if isinstance(type, msgspec.inspect.VarTupleType):
            if not isinstance(node, SequenceNode):
                raise self._wrong(node, f"{_within(key)} is a list; write {_within(key)}: [{getattr(node, 'value', 'NAME') or 'NAME'}]")
            items = [self.read(one, type.item_type, f"{key}[{index}]") for index, one in enumerate(node.value)]
            for one, value in zip(node.value, items, strict=True):
                self._check_name(one, str(value), extra)
            return items
        if not isinstance(node, ScalarNode):
            raise self._wrong(node, f"{_within(key)} is one value, not {'a list' if isinstance(node, SequenceNode) else 'a mapping'}")
        self._check_name(node, node.value, extra)
        try:
            return scalar(node.value, type, extra)
        except ValueError as error:
            raise self._wrong(node, f"{_within(key)}: {error}") from None

    def _value_type(
        self, node: "Node", name: str, type: msgspec.inspect.DictType, extra: Mapping[str, object] | None
    ) -> msgspec.inspect.Type:
        vocabulary = self._definition.vocabularies.get(str((extra or {}).get("typed_by", "")))
        if vocabulary is None or vocabulary.types is None:
            return type.value_type
        found = vocabulary.types(name)
        if found is None:
            raise self._wrong(node, f"the {vocabulary.word} {name} takes no values")
        return msgspec.inspect.type_info(found)

    def _mapping(self, node: "Node", key: str, known: Mapping[str, object] | None) -> "dict[str, tuple[Node, Node]]":
        from yaml import MappingNode, ScalarNode

        if isinstance(node, ScalarNode) and node.tag.endswith(":null"):
            return {}
        if not isinstance(node, MappingNode):
            names = listed(known or ())
            raise self._wrong(node, f"{key} holds {names}" if key else f"{self._definition.whole} begin with one of {names}")
        found: dict[str, tuple[Node, Node]] = {}
        pairs: list[tuple[Node, Node]] = node.value
        for name_node, value in pairs:
            name = name_node.value if isinstance(name_node, ScalarNode) else ""
            path = f"{key}.{name}".lstrip(".")
            if known is not None and name not in known:
                hint = did_you_mean(name, known) or f"; {key or f'the {self._definition.whole}'} holds {listed(known)}"
                raise self._wrong(name_node, f'there is no {self._definition.field} "{_within(path)}"{hint}')
            if name in found:
                first = found[name][0].start_mark.line + 1
                raise self._wrong(name_node, f'"{_within(path)}" stands here a second time, the first is in line {first}; keep one')
            found[name] = (name_node, value)
        return found

    def _check_name(self, node: "Node", name: str, extra: Mapping[str, object] | None) -> None:
        vocabulary = self._definition.vocabularies.get(str((extra or {}).get("names", "")))
        if vocabulary is None:
            return
        known = tuple(vocabulary.known())
        if name not in known:
            raise self._wrong(node, f'there is no {vocabulary.word} "{name}"{did_you_mean(name, known)} (`{vocabulary.lister}` lists them)')

    def _wrong(self, node: "Node", text: str) -> UsageError:
        return UsageError(f"{self._name}:{node.start_mark.line + 1}:{node.start_mark.column + 1}: {text}")


def _extra(type: msgspec.inspect.Type) -> Mapping[str, object]:
    return (type.extra or {}) if isinstance(type, msgspec.inspect.Metadata) else {}


def _described(type: msgspec.inspect.Type) -> str:
    return str((type.extra_json_schema or {}).get("description", "")) if isinstance(type, msgspec.inspect.Metadata) else ""


def _within(path: str) -> str:
    """A field as its entry calls it: which entry of a list is told by the place."""
    return path.rpartition("].")[2]


def listed(names: Iterable[str]) -> str:
    return ", ".join(names)


# -- single values, as text -------------------------------------------------------------------------------------------

_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})


def scalar(text: str, type: msgspec.inspect.Type, extra: Mapping[str, object] | None = None) -> object:
    """A value of a simple type from its text. ValueError says what is wrong and what to write."""
    inspect = msgspec.inspect
    if isinstance(type, inspect.Metadata):
        return scalar(text, type.type, type.extra)
    if isinstance(type, inspect.UnionType):
        (inner,) = (one for one in type.types if not isinstance(one, inspect.NoneType))
        return scalar(text, inner)
    if isinstance(type, inspect.EnumType):
        known = [str(one.value) for one in type.cls]
        if text not in known:
            raise ValueError(f'"{text}" is none of {listed(known)}')
        return text
    if isinstance(type, inspect.BoolType):
        if text.lower() not in _TRUE | _FALSE:
            raise ValueError(f'"{text}" is neither true nor false')
        return text.lower() in _TRUE
    if isinstance(type, inspect.IntType):
        return _bounded(_number(text, int, "whole number"), type)
    if isinstance(type, inspect.FloatType):
        return _bounded(_number(text, float, "number"), type)
    if isinstance(type, inspect.TimeDeltaType):
        found = parse_duration(text)
        least = (extra or {}).get("least_seconds", 0)
        if isinstance(least, int) and found.total_seconds() < least:
            raise ValueError(f"{text} is too short; write {least}s or more")
        return found
    if isinstance(type, inspect.DateType):
        try:
            date.fromisoformat(text)
        except ValueError:
            raise ValueError(f'"{text}" is no date; write one such as 2026-12-31') from None
        return text
    assert isinstance(type, inspect.StrType), type
    return text


def _number(text: str, to: Callable[[str], float], word: str) -> float:
    try:
        return to(text)
    except ValueError:
        hint = f"; write {float(text[:-1]) / 100:g}" if text.endswith("%") and text[:-1].replace(".", "", 1).isdigit() else ""
        raise ValueError(f'"{text}" is no {word}{hint}') from None


def _bounded(number: float, type: msgspec.inspect.IntType | msgspec.inspect.FloatType) -> float:
    if type.ge is not None and not number >= type.ge:
        raise ValueError(f"{number:g} is too small; write {type.ge:g} or more")
    if type.gt is not None and not number > type.gt:
        raise ValueError(f"{number:g} is too small; write more than {type.gt:g}")
    if type.le is not None and not number <= type.le:
        raise ValueError(f"{number:g} is too large; write {type.le:g} or less")
    return number
