"""Where in an object something stands, told by names: an element of a keyed list is named by its keys, whatever its index."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

import msgspec

from daytwo.domains.changes.list_keys import KEY_DEFAULTS, keys_of
from daytwo.model.concealment import concealed, length_only
from daytwo.model.json import Json, Object, parts_of, pointer


class Element(NamedTuple):
    """One element of a keyed list: its keys with their values, in the order of the list's keys."""

    keys: tuple[tuple[str, Json], ...]

    def __str__(self) -> str:
        """`[app]`, `[8080,TCP]`."""
        return f"[{','.join(str(value) for _, value in self.keys)}]"


Place: TypeAlias = tuple[str | Element, ...]
NOWHERE: Final[Place] = ()


def told(place: Place) -> str:
    """A JSON pointer in which an element of a keyed list is named: `/spec/template/spec/containers/[app]/image`."""
    return pointer(*map(str, place))


def names_of(place: Place) -> tuple[str, ...]:
    """The way to it without elements: what the schema knows it by."""
    return tuple(part for part in place if isinstance(part, str))


def elements(kind: str, place: Place, value: Json) -> dict[Element, Json] | None:
    """The elements of a keyed list by their keys; None where it is no such list, or they cannot be told apart."""
    keys = keys_of(kind, names_of(place))
    if not keys or not isinstance(value, list):
        return None
    found: dict[Element, Json] = {}
    for one in value:
        element = element_of(keys, one)
        if element is None or element in found:
            return None
        found[element] = one
    return found


def element_of(keys: tuple[str, ...], value: Json) -> Element | None:
    if not isinstance(value, dict):
        return None
    pairs = tuple((key, value.get(key, KEY_DEFAULTS.get(key))) for key in keys)
    return Element(pairs) if all(isinstance(one, str | int) for _, one in pairs) else None


def place_of(kind: str, value: Json, path: str) -> Place:
    """The place of a JSON pointer into this object: an index is told by the keys of the element that stands there."""
    place: list[str | Element] = []
    for part in parts_of(path):
        if isinstance(value, list):
            value = value[int(part)] if part.isdecimal() and int(part) < len(value) else None
            keys = keys_of(kind, names_of(tuple(place)))
            place.append((element_of(keys, value) if keys else None) or part)
        else:
            value = value.get(part) if isinstance(value, dict) else None
            place.append(part)
    return tuple(place)


def follow(kind: str, value: Json, place: Place) -> Json:
    """What stands there; None where nothing does."""
    for depth, part in enumerate(place):
        if isinstance(part, Element):
            found = elements(kind, place[:depth], value)
            value = found.get(part) if found is not None else None
        elif isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def leaves(kind: str, value: Json, place: Place = NOWHERE) -> Iterator[tuple[Place, Json]]:
    """Everything in it, each as small as a place can tell; what is empty is a leaf itself. An element has all its keys."""
    within = elements(kind, place, value)
    if within:
        for element, one in within.items():
            yield from leaves(kind, dict(element.keys) | (one if isinstance(one, dict) else {}), (*place, element))
    elif isinstance(value, dict) and value:
        for key, one in value.items():
            yield from leaves(kind, one, (*place, key))
    else:
        yield place, value


def assembled(parts: Iterable[tuple[Place, Json]]) -> Object:
    """The object that has these leaves. Elements of lists come in the order of the leaves, with their keys."""
    tree: dict[str | Element, _Node] = {}
    for place, value in parts:
        node = tree
        for part in place[:-1]:
            node = node.setdefault(part, _Node()).children
        node.setdefault(place[-1], _Node()).value = value
    found = _assembled(tree)
    return found if isinstance(found, dict) else {}


def shown(kind: str, place: Place, value: Json) -> str:
    """A value as a message may show it: whether it is secret is told by where it stands."""
    whole = assembled([(("kind",), kind), (place, value)]) if place else {}
    found = follow(kind, concealed(whole, length_only), place)
    return "absent" if found is None else msgspec.json.encode(found).decode()


class _Node:
    """A leaf, or what has children."""

    def __init__(self) -> None:
        self.value: Json = None
        self.children: dict[str | Element, _Node] = {}


def _assembled(tree: "dict[str | Element, _Node]") -> Json:
    values = [(part, _assembled(node.children) if node.children else node.value) for part, node in tree.items()]
    if any(isinstance(part, Element) for part, _ in values):
        return [dict(part.keys) | (value if isinstance(value, dict) else {}) for part, value in values if isinstance(part, Element)]
    return {part: value for part, value in values if isinstance(part, str)}


def is_owned(fields: Json, place: Place) -> bool:
    """Whether a field tree of managedFields (`fieldsV1`) names this place, or what lies within it or around it as one value."""
    for part in place:
        if not isinstance(fields, dict):
            return False
        if not fields:
            # A leaf of the tree: a value that is owned whole.
            return True
        fields = _child(fields, part)
    return isinstance(fields, dict)


def _child(fields: Object, part: str | Element) -> Json:
    if isinstance(part, str):
        return fields.get(f"f:{part}", fields.get(f'v:"{part}"'))
    wanted = dict(part.keys)
    for key, found in fields.items():
        if key.startswith("k:") and _decoded(key[2:]) == wanted:
            return found
    return None


def _decoded(text: str) -> Json:
    try:
        found: Json = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    return found
