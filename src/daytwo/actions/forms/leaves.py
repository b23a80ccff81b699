"""The difference of two values as fields that a patch can change: as few and as small as can be told apart safely."""

import msgspec

from daytwo.model.change import FieldChange
from daytwo.model.json import Json, pointer
from daytwo.model.masking_json import mask_json

_encode = msgspec.json.Encoder(order="deterministic").encode


def fields(old: Json, new: Json, *place: str | int) -> tuple[FieldChange, ...]:
    """The fields that turn `old` into `new`, both at `place`.

    A list is one field, unless both have the same named elements in the same order. An object is one field where a member's name,
    and not its looks, tells that it is secret: alone, the value of `DB_PASSWORD` would look harmless to whoever masks it.
    """
    if _encode(old) == _encode(new):
        return ()
    whole = (FieldChange(pointer(*place), old=old, new=new),)
    if isinstance(old, dict) and isinstance(new, dict):
        found: tuple[FieldChange, ...] = ()
        for key in sorted({*old, *new}):
            before, after = old.get(key), new.get(key)
            if _encode(before) == _encode(after):
                continue
            if _is_secret_by_place(old, key) or _is_secret_by_place(new, key):
                return whole
            found += fields(before, after, *place, key)
        return found
    if isinstance(old, list) and isinstance(new, list) and _names(old) and _names(old) == _names(new):
        return tuple(
            field for index, (before, after) in enumerate(zip(old, new, strict=True)) for field in fields(before, after, *place, index)
        )
    return whole


def _is_secret_by_place(parent: dict[str, Json], key: str) -> bool:
    value = parent.get(key)
    masked = mask_json(parent)
    assert isinstance(masked, dict)
    return key in parent and _encode(masked.get(key)) != _encode(mask_json(value))


def _names(elements: list[Json]) -> list[Json]:
    """The name of each element; empty unless each has one of its own."""
    names = [element.get("name") if isinstance(element, dict) else None for element in elements]
    texts = [name for name in names if isinstance(name, str)]
    return names if len(set(texts)) == len(names) else []
