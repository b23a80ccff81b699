"""The part of kubectl's JSONPath that names values: `.status.phase`, `.a['b.c']`, `.list[0]`, `[*]`, `[?(@.type=="Ready")]`."""

import re
from dataclasses import dataclass
from typing import Final

from daytwo.model.json import Json


@dataclass(frozen=True, slots=True)
class Filter:
    """Elements whose field has this value."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class JsonPath:
    """Names, indexes (negative from the end), filters; None stands for every element."""

    parts: tuple[str | int | Filter | None, ...]

    def find(self, value: Json) -> list[Json]:
        """All that the path names; nothing where something on the way is not there."""
        found = [value]
        for part in self.parts:
            found = [one for each in found for one in _step(each, part)]
        return found


def parse_path(text: str) -> JsonPath:
    """ValueError says where it is not understood."""
    parts: list[str | int | Filter | None] = []
    rest = text.strip().removeprefix("$")
    if rest and rest[0] not in ".[":
        rest = f".{rest}"
    while rest:
        match = _PART.match(rest)
        if match is None:
            raise ValueError(f'cannot read "{rest}" in it; of JSONPath .name, ["name"], [0], [*] and [?(@.name=="value")] are known')
        name, quoted, index, star, field, value, number = match.groups()
        if name is not None:
            parts.append(name.replace("\\", ""))
        elif quoted is not None:
            parts.append(quoted)
        elif index is not None:
            parts.append(int(index))
        elif star is not None:
            parts.append(None)
        else:
            parts.append(Filter(field, value if value is not None else number))
        rest = rest[match.end() :]
    if not parts:
        raise ValueError("it names nothing; write for example .status.phase")
    return JsonPath(tuple(parts))


_PART: Final = re.compile(
    r"""\.((?:[^.\[\]'"\\{}\s]|\\.)+)"""
    r"""|\[(?:['"]([^'"\]]+)['"]|(-?[0-9]{1,9})|(\*)|\?\(\s*@\.([\w-]+)\s*==\s*(?:['"]([^'"]*)['"]|([\w.-]+))\s*\))\]"""
)


def _step(value: Json, part: str | int | Filter | None) -> list[Json]:
    if isinstance(part, str):
        return [value[part]] if isinstance(value, dict) and part in value else []
    elements = list(value.values()) if isinstance(value, dict) and part is None else value
    if not isinstance(elements, list):
        return []
    if part is None:
        return elements
    if isinstance(part, int):
        return [elements[part]] if -len(elements) <= part < len(elements) else []
    return [one for one in elements if isinstance(one, dict) and _is(one.get(part.field), part.value)]


def _is(found: Json, wanted: str) -> bool:
    if isinstance(found, bool):
        return wanted == ("true" if found else "false")
    return found is not None and str(found) == wanted
