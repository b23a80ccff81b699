"""What would mend a finding in the file that it is about."""

from collections.abc import Iterable, Sequence

import msgspec

from daytwo.model.json import Json, Object
from daytwo.model.path import APPEND, Part, index_of, parse


class Edit(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Sets the field at `path` (see model/path.py; what it stands in is made where it is missing), or removes it."""

    path: str
    value: Json = None
    is_removal: bool = False


class Repair(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Edits of the subject's own document, and documents to add beside it (a whole object each).

    A check proposes one only where it cannot change what the program does: anything that needs a decision is `by_hand`.
    """

    edits: tuple[Edit, ...] = ()
    documents: tuple[Object, ...] = ()

    def __hash__(self) -> int:
        # Values are JSON, which has no hash.
        return hash(tuple(edit.path for edit in self.edits))


def setting(path: str, value: Json) -> Repair:
    """The repair of one field."""
    return Repair((Edit(path, value),))


def removing(path: str) -> Repair:
    return Repair((Edit(path, is_removal=True),))


class Inapplicable(Exception):
    """An edit of a field that is not where its path leads."""


def applied(value: Json, edits: Iterable[Edit]) -> Json:
    """The value with the edits made; `value` stays as it is. Raises Inapplicable.

    What a path leads through is made where it is missing, or null; elements of lists are not, but for `[+]`. Removing what is not
    there changes nothing.
    """
    for edit in edits:
        value = _applied(value, parse(edit.path), edit)
    return value


def _applied(value: Json, parts: Sequence[Part], edit: Edit) -> Json:
    if not parts:
        return edit.value
    part, below = parts[0], parts[1:]
    if part.is_bracketed and part.name == APPEND and (value is None or isinstance(value, list)):
        return value if edit.is_removal else [*(value or ()), _applied(None, below, edit)]
    if isinstance(value, list):
        index = index_of(value, part.name)
        if index is None:
            raise Inapplicable(f"{edit.path}: there is no element [{part.name}]")
        kept = [] if edit.is_removal and not below else [_applied(value[index], below, edit)]
        return [*value[:index], *kept, *value[index + 1 :]]
    if value is not None and not isinstance(value, dict):
        raise Inapplicable(f"{edit.path}: {part.name} would stand in what is one value")
    fields = value or {}
    if edit.is_removal and (fields.get(part.name) is None if below else part.name not in fields):
        return value
    if edit.is_removal and not below:
        return {key: one for key, one in fields.items() if key != part.name}
    return {**fields, part.name: _applied(fields.get(part.name), below, edit)}
