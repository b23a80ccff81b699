"""What a dry run shows: the fields that were asked for, and those that admission changes besides.

Both sides come from the API server, so quantities and defaults are written alike; a text of a person is never compared with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from daytwo.domains.changes.defaults import is_default, is_provisional
from daytwo.domains.changes.list_keys import is_ordered, is_set
from daytwo.domains.changes.place import NOWHERE, Element, Place, elements, follow, is_owned, place_of, told
from daytwo.domains.changes.stored import is_same, is_stored, with_data
from daytwo.model.change import Apply, Change, Patch
from daytwo.model.concealment import Conceal, concealed, is_concealed, length_only
from daytwo.model.json import Json, Object
from daytwo.model.kinds import kind_name
from daytwo.model.live import Live
from daytwo.model.plan import Diff, FieldDiff

ORDER: Final = "[order]"
"""Stands for the order of a keyed list's elements in a path."""

_MANAGER: Final = "daytwo"
# Which object it is: told beside the diff, and never changed.
_IDENTITY: Final[tuple[Place, ...]] = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))
_encode = msgspec.json.Encoder(order="deterministic").encode


def differences(change: Change, before: Live | None, after: Object, conceal: Conceal = length_only) -> Diff:
    """The fields of which the dry run's answer differs from the object, in the order of the answer.

    Paths are pointers in which elements of keyed lists are named: `/spec/template/spec/containers/[app]/image`. Secret values are
    told by `conceal`; where two different ones are told alike, the new one says that it is another.
    """
    if not isinstance(change, Patch | Apply):
        return Diff()
    kind = _kind(after)
    old = before.value if before is not None else None
    wanted = _Wanted.of(change, kind, before)
    asked: list[FieldDiff] = []
    besides: list[FieldDiff] = []
    shown_old, shown_new = concealed(old, conceal), concealed(after, conceal)
    for leaf in _leaves(kind, NOWHERE, _Pair(old, shown_old), _Pair(after, shown_new)):
        if is_provisional(kind, leaf.place, is_new=before is None) or leaf.place in _IDENTITY:
            continue
        if wanted.is_met(leaf):
            asked.append(leaf.told(wanted.zero_at(leaf.place)))
        elif not (leaf.old.value is None and not wanted.names(leaf) and is_default(leaf.place, leaf.new.value)):
            besides.append(leaf.told())
    return Diff(tuple(asked), tuple(besides))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A value, and how it is told."""

    value: Json
    shown: Json

    def at(self, key: str) -> "_Pair":
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return _Pair(value, self.shown.get(key) if isinstance(self.shown, dict) else self.shown if value is not None else None)

    def elements(self, kind: str, place: Place) -> "dict[Element, _Pair] | None":
        if self.value is None:
            return {}
        found = elements(kind, place, self.value)
        if found is None:
            return None
        shown = self.shown if isinstance(self.shown, list) else [self.shown] * len(found)
        return {element: _Pair(value, told) for (element, value), told in zip(found.items(), shown, strict=True)}


@dataclass(frozen=True, slots=True)
class _Leaf:
    place: Place
    old: _Pair
    new: _Pair

    def told(self, zero: Json = None) -> FieldDiff:
        """As somebody reads it. `zero` is what was asked for and the API server leaves out, as it does with 0 and false."""
        new = zero if self.new.value is None else _another(self.old, self.new)
        return FieldDiff(told(self.place), self.old.shown, new)


def _another(old: _Pair, new: _Pair) -> Json:
    """How the new value is told where it is told like the old one: that it is another, of a list in each element that is."""
    if new.shown != old.shown or new.shown is None:
        return new.shown
    if isinstance(new.shown, list) and isinstance(new.value, list) and isinstance(old.value, list):
        pairs = zip(new.shown, old.value, new.value, strict=False)
        return [f"{shown} (another)" if before != after else shown for shown, before, after in pairs]
    return f"{new.shown} (another)" if isinstance(new.shown, str) else new.shown


def _leaves(kind: str, place: Place, old: _Pair, new: _Pair) -> Iterator[_Leaf]:
    """The smallest parts that differ, in the order of the new value."""
    if is_same(old.value, new.value):
        return
    if _is_branch(old.value) and _is_branch(new.value) and (old.value or new.value):
        for key in dict.fromkeys((*_keys(new.value), *_keys(old.value))):
            yield from _leaves(kind, (*place, key), old.at(key), new.at(key))
        return
    if isinstance(old.value, list | None) and isinstance(new.value, list | None):
        before, after = old.elements(kind, place), new.elements(kind, place)
        if before is not None and after is not None and (before or after):
            for element in dict.fromkeys((*after, *before)):
                nothing = _Pair(None, None)
                yield from _leaves(kind, (*place, element), before.get(element, nothing), after.get(element, nothing))
            yield from _order(place, before, after)
            return
        if place and isinstance(place[-1], str) and is_set(place[-1]) and _sorted(old.value) == _sorted(new.value):
            return
    yield _Leaf(place, old, new)


def _order(place: Place, before: dict[Element, _Pair], after: dict[Element, _Pair]) -> Iterator[_Leaf]:
    """Of elements that stay, the order, where it means something."""
    if not (isinstance(place[-1], str) and is_ordered(place[-1])):
        return
    old: list[Json] = [str(element)[1:-1] for element in before if element in after]
    new: list[Json] = [str(element)[1:-1] for element in after if element in before]
    if old != new:
        yield _Leaf((*place, ORDER), _Pair(old, old), _Pair(new, new))


def _is_branch(value: Json) -> bool:
    """Whether to look within; nothing counts, since what is within the other side then comes or goes."""
    return value is None or isinstance(value, dict)


def _keys(value: Json) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, dict) else ()


def _sorted(value: Json) -> list[bytes]:
    return sorted(map(_encode, value)) if isinstance(value, list) else []


def _kind(value: Object) -> str:
    api_version, kind = value.get("apiVersion"), value.get("kind")
    return kind_name(api_version if isinstance(api_version, str) else "", kind if isinstance(kind, str) else "")


# -- what was asked for -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The values that a change asks for, by place; and the fields that are ours, which an apply removes by leaving them out."""

    kind: str
    values: tuple[tuple[Place, Json], ...]
    ours: tuple[Json, ...] = ()

    @classmethod
    def of(cls, change: Patch | Apply, kind: str, before: Live | None) -> "_Wanted":
        if isinstance(change, Apply):
            return cls(kind, ((NOWHERE, with_data(change.manifest)),), _applied(before))
        value = before.value if before is not None else {}
        return cls(kind, tuple((place_of(kind, value, field.path), field.new) for field in change.fields))

    def zero_at(self, place: Place) -> Json:
        """What a change asks for here, if that is nothing: 0, false or an empty text."""
        return next((value for wanted, value in self.values if wanted == place and value in (0, "") and value is not None), None)

    def names(self, leaf: _Leaf) -> bool:
        """Whether the change says something of this field."""
        for place, value in self.values:
            if leaf.place[: len(place)] == place and (not self._is_apply or self._at(place, value, leaf) is not None):
                return True
            if place[: len(leaf.place)] == leaf.place:
                return True
        return False

    def is_met(self, leaf: _Leaf) -> bool:
        """Whether the field comes out as the change wants it, or a part of what it wants whole."""
        for place, value in self.values:
            if leaf.place[: len(place)] == place:
                wanted = self._at(place, value, leaf)
                if wanted is None and self._is_apply:
                    return leaf.new.value is None and any(is_owned(fields, leaf.place) for fields in self.ours)
                if is_concealed(wanted):
                    # A change read back from where secrets are not kept: what it wants is not known any more.
                    return True
                return is_stored(leaf.place, wanted, leaf.new.value)
            if place[: len(leaf.place)] == leaf.place:
                return True
        return False

    @property
    def _is_apply(self) -> bool:
        return self.values[:1] != () and self.values[0][0] == NOWHERE

    def _at(self, place: Place, value: Json, leaf: _Leaf) -> Json:
        if leaf.place[-1:] == (ORDER,):
            found = elements(self.kind, leaf.place[:-1], self._at_place(place, value, leaf.place[:-1]))
            staying = _texts(leaf.new.value)
            names = [name for name in (str(one)[1:-1] for one in found or ()) if name in staying]
            is_met = len(names) > 1 and names == [one for one in staying if one in names]
            return leaf.new.value if is_met else None
        return self._at_place(place, value, leaf.place)

    def _at_place(self, place: Place, value: Json, wanted: Place) -> Json:
        # Keys of lists depend on the whole way to them, so the value is put where it belongs before it is looked into.
        for part in reversed(place):
            if isinstance(part, Element):
                keys: Object = dict(part.keys)
                value = [(value | keys) if isinstance(value, dict) else keys]
            else:
                value = {part: value}
        return follow(self.kind, value, wanted)


def _texts(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _applied(before: Live | None) -> tuple[Json, ...]:
    """The fields that we have applied before."""
    entries = before.at("/metadata/managedFields") if before is not None else None
    return tuple(
        entry.get("fieldsV1")
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and entry.get("manager") == _MANAGER and entry.get("operation") == "Apply"
    )
