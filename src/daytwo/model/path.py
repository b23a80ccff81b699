"""Paths to fields as findings name them: `spec.template.spec.containers[app].ports[0].name`.

Brackets hold an element of a list, by the `name` its objects carry or by its number, or a key of a mapping that has dots in it,
`metadata.annotations[prometheus.io/scrape]`. `[+]` is the element that a list does not have yet.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from daytwo.model.json import Json

APPEND: Final = "+"
_PART: Final = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")


class Part(NamedTuple):
    """One step down; `is_bracketed` tells `containers[app]` from `containers.app`."""

    name: str
    is_bracketed: bool = False


def parse(path: str) -> tuple[Part, ...]:
    """The parts of a path; the empty path has none. ValueError for what is none."""
    parts: list[Part] = []
    at = 0
    while at < len(path):
        match = _PART.match(path, at)
        if match is None:
            raise ValueError(f"{path!r} is no path to a field: look at character {at + 1}")
        parts.append(Part(match[1]) if match[2] is None else Part(match[2], is_bracketed=True))
        at = match.end()
    return tuple(parts)


def join(path: str, *parts: str) -> str:
    """`path` and what stands below it, keys with dots or slashes in brackets."""
    for part in parts:
        path += f"[{part}]" if re.search(r"[.\[\]/]", part) else f".{part}" if path else part
    return path


def index_of(elements: list[Json], name: str) -> int | None:
    """Which element of a list a bracket means: the first that goes by that name, else the one with that number."""
    for index, element in enumerate(elements):
        if isinstance(element, dict) and element.get("name") == name:
            return index
    return int(name) if name.isdecimal() and int(name) < len(elements) else None


def walk(value: Json, path: str) -> Iterator[tuple[str | int, Json]]:
    """Each key or number on the way down with what stands there, as far as the way exists."""
    for part in parse(path):
        if isinstance(value, dict) and part.name in value:
            value = value[part.name]
            yield part.name, value
        elif isinstance(value, list) and (index := index_of(value, part.name)) is not None:
            value = value[index]
            yield index, value
        else:
            return


def find(value: Json, path: str) -> Json:
    """What stands at a path; None where nothing does."""
    steps = list(walk(value, path))
    return steps[-1][1] if steps and len(steps) == len(parse(path)) else None if path else value
