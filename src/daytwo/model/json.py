"""JSON as the API server speaks it, and pointers into it (RFC 6901). Null and absent are the same: the API server stores neither."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
else:
    # msgspec cannot follow a type into itself.
    Json = Any
Object: TypeAlias = dict[str, Json]


def pointer(*parts: str | int) -> str:
    """`/spec/template/metadata/annotations/example.com~1key`."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def parts_of(pointer: str) -> tuple[str, ...]:
    """The parts of a pointer, unescaped."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def at(value: Json, pointer: str) -> Json:
    """What stands there; None where nothing does."""
    return at_parts(value, parts_of(pointer))


def at_parts(value: Json, parts: Sequence[str]) -> Json:
    for part in parts:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
