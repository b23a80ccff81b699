"""Server-side apply of a manifest, for exactly one state of the object: created where there is none, or changed where it is as planned.

Sent twice, it is accepted once: with uid and resourceVersion for what exists, and with a resourceVersion that no object has for
what does not, so that what somebody else creates meanwhile, or what was deleted since, is left alone.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from daytwo.actions.forms.patch import FIELD_MANAGER
from daytwo.domains.changes import place as places
from daytwo.domains.changes.defaults import is_default
from daytwo.domains.changes.place import Element, Place, assembled, follow, is_owned, leaves, shown
from daytwo.domains.changes.stored import is_same, is_stored, with_data
from daytwo.model.change import Apply
from daytwo.model.concealment import is_concealed
from daytwo.model.json import Json, Object
from daytwo.model.live import Live
from daytwo.model.request import Request
from daytwo.model.standing import Stand, Standing
from daytwo.model.target import Target

# An object that is there has another one: then this is refused instead of changing it.
_NO_OBJECT: Final = "1"
_BOOKKEEPING: Final = frozenset({"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"})
_IDENTITY: Final = ("apiVersion", "kind")


def change(target: Target, manifest: Object, live: Live | None, *, force: bool = False) -> Apply:
    """The apply of a manifest as planned on this object."""
    wanted = _clean(target, manifest)
    if live is None:
        return Apply(target, wanted, force)
    placed = msgspec.structs.replace(target, uid=live.uid)
    return Apply(placed, wanted, force, _part(placed, live, _places(placed, (wanted,), live)))


def is_new(change: Apply) -> bool:
    return not change.target.uid


def standing(change: Apply, live: Live | None) -> Standing:
    """Done when all that the manifest says stands, and nothing that we applied before is left over."""
    if live is None:
        return Standing(Stand.OPEN) if is_new(change) else Standing(Stand.GONE, f"{change.target} does not exist any more")
    if not is_new(change) and live.uid != change.target.uid:
        return Standing(Stand.REPLACED, f"{change.target} was deleted and made anew")
    kind = change.target.type.name
    wanted = dict(leaves(kind, change.manifest))
    if lost(change, live) == "" and not any(place not in wanted for place, _ in _applied(change.target, live)):
        return Standing(Stand.DONE)
    if is_new(change):
        return Standing(Stand.DIFFERS, f"{change.target} has come into being meanwhile")
    before = dict(leaves(kind, change.before))
    for place in dict.fromkeys((*wanted, *before)):
        found = follow(kind, live.value, place)
        if not is_stored(place, before.get(place), found) and not _is_identity(place):
            return Standing(
                Stand.DIFFERS, f"{places.told(place)} is {shown(kind, place, found)}, not {shown(kind, place, before.get(place))}"
            )
    return Standing(Stand.OPEN)


def request(change: Apply, live: Live | None) -> Request:
    """The apply for this very state of the object. Asks that `standing` is open, and that nothing of the manifest is masked."""
    if is_concealed(change.manifest):
        raise ValueError(f"the manifest of {change.target} has masked values: what they stand for is not known any more")
    metadata = change.manifest.get("metadata")
    named: Object = {**(metadata if isinstance(metadata, dict) else {})}
    if live is None:
        named["resourceVersion"] = _NO_OBJECT
        body = change.manifest
    else:
        named |= {"uid": live.uid, "resourceVersion": live.resource_version}
        body = _as_written(change, live)
    query = (("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict"), *((("force", "true"),) if change.force else ()))
    text = msgspec.json.encode({**body, "metadata": {**_object(body.get("metadata")), **named}}).decode()
    return Request("PATCH", change.target.path, query, "application/apply-patch+yaml", text)


def inverse(change: Apply) -> Apply:
    """What takes back the apply of an object that was there: what stood before, and without what was not there."""
    kind = change.target.type.name
    identity = {(name,) for name in _IDENTITY} | {("metadata", "name"), ("metadata", "namespace")}
    kept = [(place, value) for place, value in leaves(kind, change.manifest) if place in identity]
    before = [(place, value) for place, value in leaves(kind, change.before) if place not in identity]
    return Apply(change.target, assembled([*kept, *before]), change.force, change.manifest)


def lost(change: Apply, live: Live | None) -> str:
    """Why what the manifest says does not stand (any more), or what it leaves out still does; empty as long as all is well."""
    if live is None:
        return f"{change.target} is gone"
    kind = change.target.type.name
    manifest = dict(leaves(kind, change.manifest))
    for place, wanted in manifest.items():
        found = follow(kind, live.value, place)
        if not is_stored(place, wanted, found) and not _is_identity(place):
            return f"{places.told(place)} is {shown(kind, place, found)}"
    for place, value in leaves(kind, change.before):
        if place not in manifest and is_same(follow(kind, live.value, place), value) and not is_default(place, value):
            return f"{places.told(place)} is still {shown(kind, place, value)}"
    return ""


def _clean(target: Target, manifest: Object) -> Object:
    """Without what only the API server writes, and in its namespace."""
    given = _object(manifest.get("metadata"))
    metadata: Object = {key: value for key, value in given.items() if key not in _BOOKKEEPING and value is not None}
    if target.namespace:
        metadata["namespace"] = target.namespace
    rest = {key: value for key, value in manifest.items() if key not in ("status", "metadata")}
    return with_data(_without_nothing({**rest, "metadata": metadata}))


def _without_nothing(value: Object) -> Object:
    """Without null: for the API server it says the same as saying nothing."""
    return {key: _without_nothing(one) if isinstance(one, dict) else one for key, one in value.items() if one is not None}


def _places(target: Target, manifests: Iterable[Object], live: Live) -> Iterator[Place]:
    kind = target.type.name
    for manifest in manifests:
        yield from (place for place, _ in leaves(kind, manifest))
    yield from (place for place, _ in _applied(target, live))


def _part(target: Target, live: Live, wanted: Iterable[Place]) -> Object:
    """What stands at these places."""
    kind = target.type.name
    found = [(place, follow(kind, live.value, place)) for place in dict.fromkeys(wanted)]
    return assembled((place, value) for place, value in found if value is not None)


def _applied(target: Target, live: Live) -> Iterator[tuple[Place, Json]]:
    """What stands there because we applied it, and we alone: it goes when it is left out."""
    ours: list[Json] = []
    others: list[Json] = []
    entries = live.at("/metadata/managedFields")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            is_ours = entry.get("manager") == FIELD_MANAGER and entry.get("operation") == "Apply" and not entry.get("subresource")
            (ours if is_ours else others).append(entry.get("fieldsV1"))
    if not ours:
        return
    for place, value in leaves(target.type.name, live.value):
        # The keys of an element are owned with it.
        is_key = len(place) > 1 and isinstance(place[-2], Element) and any(place[-1] == key for key, _ in place[-2].keys)
        if not is_key and any(is_owned(one, place) for one in ours) and not any(is_owned(one, place) for one in others):
            yield place, value


def _as_written(change: Apply, live: Live) -> Object:
    """The manifest with equal values as the API server writes them: in another notation they would be a change, or a conflict."""
    kind = change.target.type.name

    def written() -> Iterator[tuple[Place, Json]]:
        for place, wanted in leaves(kind, change.manifest):
            found = follow(kind, live.value, place)
            is_scalar = isinstance(wanted, str | int | float) and isinstance(found, str | int | float)
            yield place, found if is_scalar and is_stored(place, wanted, found) else wanted

    return assembled(written())


def _is_identity(place: Place) -> bool:
    return place in (("apiVersion",), ("kind",))


def _object(value: Json) -> Object:
    return value if isinstance(value, dict) else {}
