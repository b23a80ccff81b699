"""What msgspec says of a value that is not of its field's type, in the words of whoever wrote the file."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from daytwo.model.json import Json
from daytwo.model.path import index_of, join
from daytwo.sources.manifests.scalars import shown

_TOLD: Final = re.compile(r"(.*?)Expected `([^`]*)`, got `([^`]*)`(?: - at `\$\.?(.*)`)?\Z", re.DOTALL)
_PART: Final = re.compile(r"\[\.\.\.\]|\[(\d+)\]|\.?([^.\[\]]+)")
_REQUIRED: Final = re.compile(r"(.*?)Object missing required field `([^`]*)`(?: - at `\$\.?(.*)`)?\Z", re.DOTALL)

# JSON's types as msgspec names them: what a value of one is called, and how to write one.
_IS: Final = {"str": "a text", "int": "a number", "float": "a number", "array": "a list", "object": "a mapping", "null": "empty"}
_WRITE: Final = {"str": "a text", "int": "a number", "float": "a number", "bool": "true or false", "array": "a list", "object": "a mapping"}
_SIMPLE: Final = frozenset({"int", "float", "bool"})


class Misfit(NamedTuple):
    """What is wrong, and the path of the field at fault as far as it is known."""

    text: str
    path: str


def misfit(told: str, value: Json, path: str = "") -> Misfit | None:
    """What a ValidationError `told` of an object; `path` is where `value` stands in it. None for what it does not know."""
    required = _REQUIRED.match(told)
    if required is not None:
        where = _path(path, value, _found(value, _parts(required[3] or ""), "object"))
        return Misfit(f"{required[1]}{where or 'it'} has no {required[2]}; write it", where)
    match = _TOLD.match(told)
    if match is None:
        return None
    who, wanted, got = match[1], match[2].split(" | "), match[3]
    steps = _found(value, _parts(match[4] or ""), got)
    where = _path(path, value, steps)
    return Misfit(f"{who}{where or 'it'} is {_is(got, wanted, _at(value, steps))}; {_write(got, wanted)}", where)


def _is(got: str, wanted: list[str], value: Json) -> str:
    if got == "bool" and isinstance(value, bool):
        return "true" if value else "false"
    # What was to be a text, a list or a mapping may be a credential in the wrong place.
    if not _SIMPLE.isdisjoint(wanted) and "str" not in wanted and isinstance(value, str):
        return f"a text, {shown(value)}"
    if not _SIMPLE.isdisjoint(wanted) and isinstance(value, int | float):
        return f"{value:g}"
    return _IS.get(got, got)


def _write(got: str, wanted: list[str]) -> str:
    if wanted == ["str"] and got in ("int", "float", "bool"):
        return "put it into quotes"
    if "int" in wanted and "float" not in wanted and got == "float":
        return "write a whole number"
    words = dict.fromkeys(_WRITE.get(one, one) for one in wanted if one != "null")
    return f"write {' or '.join(words)}"


class _Any:
    """A step to a member that is not named."""


_ANY: Final = _Any()
Step = str | int


def _parts(text: str) -> list[Step | _Any]:
    return [_ANY if one[0] == "[...]" else int(one[1]) if one[1] is not None else one[2] for one in _PART.finditer(text)]


def _found(value: Json, parts: list[Step | _Any], got: str) -> tuple[Step, ...]:
    """The first way down to a value of this type; as far as every step is named where there is none."""
    named: list[Step] = []
    for part in parts:
        if isinstance(part, _Any):
            break
        named.append(part)
    return next(_ways(value, parts, got), tuple(named))


def _ways(value: Json, parts: list[Step | _Any], got: str) -> Iterator[tuple[Step, ...]]:
    if not parts:
        if _type(value) == got:
            yield ()
        return
    for step, member in _members(value, parts[0]):
        for way in _ways(member, parts[1:], got):
            yield (step, *way)


def _members(value: Json, part: Step | _Any) -> Iterator[tuple[Step, Json]]:
    members: list[tuple[Step, Json]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    yield from ((step, member) for step, member in members if part is _ANY or step == part)


def _type(value: Json) -> str:
    if value is None:
        return "null"
    return {bool: "bool", int: "int", float: "float", str: "str", list: "array", dict: "object"}[type(value)]


def _at(value: Json, steps: tuple[Step, ...]) -> Json:
    for step in steps:
        value = next((member for _, member in _members(value, step)), None)
    return value


def _path(path: str, value: Json, steps: tuple[Step, ...]) -> str:
    """As model/path.py writes it: elements by their names where they have one."""
    for step in steps:
        below = _at(value, (step,))
        if isinstance(step, int):
            name = below.get("name") if isinstance(below, dict) else None
            is_named = isinstance(name, str) and "]" not in name and isinstance(value, list) and index_of(value, name) == step
            path = f"{path}[{name if is_named else step}]"
        else:
            path = join(path, step)
        value = below
    return path
