"""What the API server writes into an object where its author wrote nothing, from tables that were measured on the real server.

`python -m tests.defaults.write` makes a table. Each of its rules sets one field of the objects at one path, of one kind; the rules
of a path stand in the order in which they are to be applied.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from daytwo.model.json import Json, Object

FOLDER: Final = Path(__file__).parent.parent.parent / "library" / "defaults"
ELEMENTS: Final = "[]"

_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)")

Filler = Callable[[Object], Object]
_Test = Callable[[Object], bool]
# Sets a field of the object, which lacks it, where that is to be.
_Setter = Callable[[Object], None]


_SPELLING: Final = {"among": "in", "is_present": "present", "is_alone": "alone"}


class Condition(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, rename=_SPELLING):
    """What must hold of a field beside the one that is set.

    It has one of these values, is there or not, matches as a whole or does not, or nothing but it is there.
    """

    field: str
    among: tuple[str | bool | int, ...] = ()
    is_present: bool | None = None
    matches: str = ""
    differs: str = ""
    is_alone: bool = False


class Rule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, rename={"field": "set"}):
    """In the objects at `at` that meet all of `when`, `field` becomes `value`, or what stands at the path `copy` in them.

    `merge` adds those keys of another mapping that this one lacks. With `each`, `when` is asked of the objects at `at`, and the
    field set in those at that path below them; a `copy` that begins with `/` is then from the objects at `at` as well.
    """

    at: str
    field: str
    value: Json = None
    copy: str = ""
    merge: str = ""
    each: str = ""
    when: tuple[Condition, ...] = ()


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one minor version, for each kind by its apiVersion and kind, `apps/v1 Deployment`."""

    kubernetes: str
    rules: dict[str, tuple[Rule, ...]]


def defaulted(value: Object, version: str) -> Object:
    """An object as an API server of this version stores it: the same, with the fields that it fills in. `value` stays as it is.

    `version` is a Kubernetes version, `v1.36.2`; the newest table that is no newer than it is used, else the oldest there is.
    What a cluster's admission plugins and allocators add (accounts, tolerations, classes, addresses, ports) is not filled in, nor
    are the requests of a pod as a whole, which the server adds up from its containers'.
    """
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return value
    filler = _filler(_table_for(version), f"{api_version} {kind}")
    return value if filler is None else filler(value)


@cache
def _filler(version: str, kind: str) -> Filler | None:
    rules = read_table(version).rules.get(kind)
    return filler(rules) if rules else None


@cache
def read_table(version: str) -> Table:
    return msgspec.json.decode((FOLDER / f"{version}.json").read_bytes(), type=Table)


@cache
def tables() -> tuple[str, ...]:
    """The versions there are tables of, the oldest first."""
    return tuple(sorted((file.stem for file in FOLDER.glob("*.json")), key=_number))


@cache
def _table_for(version: str) -> str:
    known = tables()
    wanted = _number(version)
    older = [one for one in known if wanted == (0, 0) or _number(one) <= wanted]
    return older[-1] if older else known[0]


def _number(version: str) -> tuple[int, int]:
    """Zeros for what names no version, which is that of the newest table."""
    match = _VERSION.match(version)
    return (int(match[1]), int(match[2])) if match is not None else (0, 0)


# -- from rules to a function ---------------------------------------------------------------------------------------------


class _Node:
    """The rules of one path, and the paths below it."""

    __slots__ = ("below", "elements", "setters")

    def __init__(self) -> None:
        self.setters: list[tuple[str, Json, _Setter | None]] = []
        self.below: dict[str, _Node] = {}
        self.elements: dict[str, _Node] = {}

    def at(self, path: str) -> "_Node":
        node = self
        for part in path.split(".") if path else ():
            children = node.elements if part.endswith(ELEMENTS) else node.below
            node = children.setdefault(part.removesuffix(ELEMENTS), _Node())
        return node

    def fill(self, value: Object) -> Object:
        """A copy with the fields set, here and below. A field that is null is one that is absent."""
        filled = dict(value)
        for field, default, setter in self.setters:
            if setter is not None:
                setter(filled)
            elif filled.get(field) is None:
                filled[field] = default
        for field, node in self.below.items():
            found = filled.get(field)
            if isinstance(found, dict):
                filled[field] = node.fill(found)
        for field, node in self.elements.items():
            found = filled.get(field)
            if isinstance(found, list):
                filled[field] = [node.fill(element) if isinstance(element, dict) else element for element in found]
        return filled


def filler(rules: Sequence[Rule]) -> Filler:
    """What these rules do to an object."""
    root = _Node()
    for rule in rules:
        root.at(rule.at).setters.append((rule.field, rule.value, _setter(rule)))
    return root.fill


def _setter(rule: Rule) -> _Setter | None:
    """How a rule is applied; None for one that always sets the same."""
    if rule.each:
        return _setter_in_each(rule)
    if rule.merge:
        return _when(rule, _merging(rule.field, rule.merge))
    if rule.copy:
        return _when(rule, _copying(rule.field, tuple(rule.copy.split("."))))
    return _when(rule, _putting(rule.field, rule.value)) if rule.when else None


def _setter_in_each(rule: Rule) -> _Setter:
    below = msgspec.structs.replace(rule, at=rule.each, each="", when=())
    fill = filler([below])

    def set_in_each(value: Object) -> None:
        value.update(fill(value))

    def set_what_is_found(value: Object) -> None:
        found = _found(value, path)
        if found:
            value.update(filler([msgspec.structs.replace(below, copy="", value=found)])(value))

    path = tuple(rule.copy.removeprefix("/").split("."))
    return _when(rule, set_what_is_found if rule.copy.startswith("/") else set_in_each)


def _putting(field: str, default: Json) -> _Setter:
    def put(value: Object) -> None:
        if value.get(field) is None:
            value[field] = default

    return put


def _copying(field: str, path: tuple[str, ...]) -> _Setter:
    def copy(value: Object) -> None:
        if value.get(field) is not None:
            return
        found = _found(value, path)
        if found:
            value[field] = found

    return copy


def _found(value: Json, path: Iterable[str]) -> Json:
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _merging(field: str, other: str) -> _Setter:
    def merge(value: Object) -> None:
        more, own = value.get(other), value.get(field)
        if isinstance(more, dict) and more and (own is None or isinstance(own, dict)):
            value[field] = {**more, **own} if own else more

    return merge


def _when(rule: Rule, setter: _Setter) -> _Setter:
    tests = [_test(condition) for condition in rule.when]
    if not tests:
        return setter

    def set_where_they_hold(value: Object) -> None:
        if all(test(value) for test in tests):
            setter(value)

    return set_where_they_hold


def _test(condition: Condition) -> _Test:
    field = condition.field
    if condition.is_present is not None:
        wanted = condition.is_present
        return lambda value: (value.get(field) is not None) is wanted
    if condition.is_alone:
        return lambda value: all(one is None or key == field for key, one in value.items())
    if condition.matches or condition.differs:
        pattern, is_match = re.compile(condition.matches or condition.differs), bool(condition.matches)

        def matches(value: Object) -> bool:
            found = value.get(field)
            return isinstance(found, str) and (pattern.fullmatch(found) is not None) is is_match

        return matches
    among = frozenset(condition.among)

    def is_among(value: Object) -> bool:
        found = value.get(field)
        return isinstance(found, str | bool | int) and found in among

    return is_among
