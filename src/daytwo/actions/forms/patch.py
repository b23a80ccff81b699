"""Fields of one object by JSON patch, with tests on uid, resourceVersion and old values: sent twice, it is accepted once."""

import msgspec

from daytwo.model.change import FieldChange, Patch
from daytwo.model.json import Json, at_parts, parts_of, pointer
from daytwo.model.live import Live
from daytwo.model.request import Request
from daytwo.model.standing import Stand, Standing

FIELD_MANAGER = "daytwo"


def standing(change: Patch, live: Live | None) -> Standing:
    """Done when every new value stands; open when every old value and guard does."""
    if live is None:
        return Standing(Stand.GONE, f"{change.target} does not exist any more")
    if change.target.uid and live.uid != change.target.uid:
        return Standing(Stand.REPLACED, f"{change.target} was deleted and made anew")
    for guard in change.guards:
        if live.at(guard.path) != guard.value:
            return Standing(Stand.DIFFERS, f"{guard.path} is {_told(live.at(guard.path))}, not {_told(guard.value)}")
    if all(live.at(field.path) == field.new for field in change.fields):
        return Standing(Stand.DONE)
    for field in change.fields:
        if live.at(field.path) != field.old:
            return Standing(Stand.DIFFERS, f"{field.path} is {_told(live.at(field.path))}, not {_told(field.old)}")
    return Standing(Stand.OPEN)


def request(change: Patch, live: Live) -> Request:
    """The JSON patch for this very state of the object. Asks that `standing` is open."""
    operations: list[dict[str, Json]] = [
        {"op": "test", "path": "/metadata/uid", "value": live.uid},
        {"op": "test", "path": "/metadata/resourceVersion", "value": live.resource_version},
    ]
    operations += [{"op": "test", "path": guard.path, "value": guard.value} for guard in change.guards]
    made: dict[str, Json] = {}
    for field in change.fields:
        operations += _operations(field, live, made)
    query = (("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict"))
    body = msgspec.json.encode(operations).decode()
    return Request("PATCH", change.target.path, query, "application/json-patch+json", body)


def inverse(change: Patch) -> Patch:
    """The patch that takes this one back: what was new is now old."""
    fields = tuple(FieldChange(field.path, old=field.new, new=field.old) for field in reversed(change.fields))
    return msgspec.structs.replace(change, fields=fields)


def _operations(field: FieldChange, live: Live, made: dict[str, Json]) -> list[dict[str, Json]]:
    """Test and write of one field. `made` holds the parents that earlier operations of the same patch have added."""
    if field.old is not None:
        test: dict[str, Json] = {"op": "test", "path": field.path, "value": field.old}
        if field.new is None:
            return [test, {"op": "remove", "path": field.path}]
        return [test, {"op": "replace", "path": field.path, "value": field.new}]
    parts = parts_of(field.path)
    # Where a parent is absent too, the API server refuses to add below it: the whole missing branch is added at once.
    depth = next(
        (depth for depth in range(1, len(parts)) if at_parts(live.value, parts[:depth]) is None and pointer(*parts[:depth]) not in made),
        len(parts),
    )
    value: Json = field.new
    for part in reversed(parts[depth:]):
        value = {part: value}
    place = pointer(*parts[:depth])
    made[place] = value
    if any(place.startswith(f"{parent}/") for parent in made if parent != place):
        return [{"op": "add", "path": place, "value": value}]
    return [{"op": "test", "path": place, "value": None}, {"op": "add", "path": place, "value": value}]


def _told(value: Json) -> str:
    return "absent" if value is None else msgspec.json.encode(value).decode()
