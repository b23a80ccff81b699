"""Fields of one object by JSON patch, with tests on uid, resourceVersion and old values: sent twice, it is accepted once."""

from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise

import msgspec

from daytwo.model.change import FieldChange, Patch
from daytwo.model.json import Json, Object, at_parts, parts_of, pointer
from daytwo.model.live import Live
from daytwo.model.masked import MASK
from daytwo.model.masking_json import mask_json
from daytwo.model.request import Request
from daytwo.model.standing import Stand, Standing

FIELD_MANAGER = "daytwo"


def standing(change: Patch, live: Live | None) -> Standing:
    """Done when every new value stands; open when every old value and guard does."""
    if live is None:
        return Standing(Stand.GONE, f"{change.target} does not exist any more")
    if is_masked(change):
        return Standing(Stand.DIFFERS, "what it changes is secret and was not written down")
    if change.target.uid and live.uid != change.target.uid:
        return Standing(Stand.REPLACED, f"{change.target} was deleted and made anew")
    for guard in change.guards:
        if not guard.until_done and not _same(live.at(guard.path), guard.value):
            return _differs(guard.path, live, guard.value)
    if all(_is_new(field, live) for field in change.fields):
        return Standing(Stand.DONE)
    for guard in change.guards:
        if not _same(live.at(guard.path), guard.value):
            return _differs(guard.path, live, guard.value)
    for field in change.fields:
        if not _stands(live.at(field.path), field.old):
            return _differs(field.path, live, field.old)
    return Standing(Stand.OPEN)


def request(change: Patch, live: Live) -> Request:
    """The JSON patch for this very state of the object. Asks that `standing` is open.

    ValueError for what a JSON patch cannot say safely: an element of a list is changed in place or with its whole list, never
    added or removed by its index; and no field stands within another.
    """
    operations: list[Object] = [
        {"op": "test", "path": "/metadata/uid", "value": live.uid},
        {"op": "test", "path": "/metadata/resourceVersion", "value": live.resource_version},
    ]
    for place in (*(guard.path for guard in change.guards), *(field.path for field in change.fields)):
        test = _test(place, live)
        if test not in operations:
            operations.append(test)
    _refuse_nested(change.fields)
    after = deepcopy(live.value)
    for field in change.fields:
        operations += _write(field, after)
    query = (("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict"))
    body = msgspec.json.encode(operations).decode()
    return Request("PATCH", change.target.path, query, "application/json-patch+json", body)


def inverse(change: Patch) -> Patch:
    """The patch that takes this one back: what was new is now old. Guards that held only until the change are gone."""
    fields = tuple(FieldChange(field.path, old=field.new, new=field.old) for field in reversed(change.fields))
    guards = tuple(guard for guard in change.guards if not guard.until_done)
    return msgspec.structs.replace(change, fields=fields, guards=guards)


def as_stored(change: Patch, after: Live) -> Patch:
    """The same patch with its new values as the API server writes them, told by the answer of its dry run."""
    fields = tuple(msgspec.structs.replace(field, new=after.at(field.path)) for field in change.fields)
    return msgspec.structs.replace(change, fields=fields)


def lost(change: Patch, live: Live | None) -> str:
    """Why the new values do not stand any more, told after they were stored; empty as long as they do."""
    if live is None:
        return f"{change.target.main} is gone"
    if change.target.uid and live.uid != change.target.uid:
        return f"{change.target.main} was deleted and made anew"
    for field in change.fields:
        if not _is_new(field, live):
            found = live.at(field.path)
            return f"{field.path} was {'removed' if found is None else f'set to {told(found, field.path)}'} meanwhile"
    return ""


def is_masked(change: Patch) -> bool:
    """Whether this is what was written down of a change, without its secrets: it can neither be sent nor be compared."""
    return MASK in _encode(change.fields).decode()


def told(value: Json, path: str = "") -> str:
    """A value as a message shows it, without what its looks or the name of its field tell to be secret."""
    name = parts_of(path)[-1] if path else ""
    return "absent" if value is None else _encode(mask_json(value, name)).decode()


def _differs(path: str, live: Live, wanted: Json) -> Standing:
    return Standing(Stand.DIFFERS, f"{path} is {told(live.at(path), path)}, not {told(wanted, path)}")


def _is_new(field: FieldChange, live: Live) -> bool:
    found = live.at(field.path)
    # Where the field was absent before, absent still means that nothing has happened.
    return _same(found, field.new) or (field.old is not None and _stands(found, field.new))


def _stands(found: Json, written: Json) -> bool:
    """Whether this is what was written: the API server leaves out zero, false and empty, such as the replicas of a Scale of none."""
    return _same(found, written) or (found is None and not written)


def _same(one: Json, other: Json) -> bool:
    """As the API server compares: `3` is neither `3.0` nor `"3"`, and `true` is not `1`."""
    return one is other or (type(one) is type(other) and _encode(one) == _encode(other))


_encode = msgspec.json.Encoder(order="deterministic").encode


def _test(path: str, live: Live) -> Object:
    """What stands there; where a parent is absent too, that it is: below it the API server would refuse to look."""
    parts = parts_of(path)
    return {"op": "test", "path": pointer(*parts[: _depth(live.value, parts)]), "value": live.at(path)}


def _depth(value: Json, parts: Sequence[str]) -> int:
    """How many parts lead to the first that is absent, it included; all of them when none is."""
    return next((depth for depth in range(1, len(parts)) if at_parts(value, parts[:depth]) is None), len(parts))


def _write(field: FieldChange, after: Json) -> list[Object]:
    """The operation that writes one field, which is done to `after` as well. A missing branch is added at once."""
    parts = parts_of(field.path)
    depth = _depth(after, parts)
    if field.new is None and depth < len(parts):
        return []
    place = pointer(*parts[:depth])
    above, last = at_parts(after, parts[: depth - 1]), parts[depth - 1]
    if isinstance(above, list):
        if field.new is None or not (last.isdecimal() and int(last) < len(above)):
            raise ValueError(f"{field.path}: an element of a list is added or removed with its whole list")
        above[int(last)] = deepcopy(field.new)
        return [{"op": "replace", "path": place, "value": field.new}]
    if not isinstance(above, dict):
        raise ValueError(f"{field.path}: {pointer(*parts[: depth - 1])} has no fields")
    if field.new is None:
        return [] if above.pop(last, None) is None else [{"op": "remove", "path": place}]
    value: Json = field.new
    for part in reversed(parts[depth:]):
        value = {part: value}
    operation = "add" if above.get(last) is None else "replace"
    above[last] = deepcopy(value)
    return [{"op": operation, "path": place, "value": value}]


def _refuse_nested(fields: Sequence[FieldChange]) -> None:
    paths = sorted(field.path + "/" for field in fields)
    for above, below in pairwise(paths):
        if below.startswith(above):
            raise ValueError(f"{below[:-1]} is changed twice: it lies within {above[:-1]}")
