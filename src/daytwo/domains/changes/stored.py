"""Whether the API server has stored what was wanted: it writes quantities its own way, leaves out what is empty, fills in the rest."""

from base64 import b64encode
from typing import Final

import msgspec

from daytwo.domains.changes.defaults import is_default
from daytwo.domains.changes.place import Element, Place, names_of
from daytwo.model.json import Json, Object
from daytwo.model.quantity import quantity

# What holds quantities, wherever it stands; elsewhere `1.10` is a text and another than `1.1`.
_QUANTITIES: Final = frozenset({"requests", "limits", "capacity", "hard", "sizeLimit", "divisor", "averageValue", "overhead"})
_TEXTS: Final = frozenset({"metadata", "data", "stringData", "binaryData", "matchLabels", "nodeSelector", "selector"})

_encode = msgspec.json.Encoder(order="deterministic").encode


def is_same(one: Json, other: Json) -> bool:
    """As JSON: `80` is not `"80"`, and true is not 1."""
    return one is other or (type(one) is type(other) and _encode(one) == _encode(other))


def is_stored(place: Place, wanted: Json, found: Json) -> bool:
    """Whether what was found is what was wanted: the same, the same quantity, or nothing for zero and empty.

    What the API server filled in by itself within a value that was given whole does not count.
    """
    if is_same(wanted, found) or (not wanted and found is None):
        return True
    if isinstance(wanted, str | int | float) and isinstance(found, str) and not isinstance(wanted, bool) and _is_quantity(place):
        try:
            return quantity(wanted) == quantity(found)
        except ValueError:
            return False
    if isinstance(wanted, dict) and isinstance(found, dict):
        filled = {key for key, one in found.items() if key not in wanted and is_default((*place, key), one)}
        return wanted.keys() == found.keys() - filled and all(is_stored((*place, key), one, found[key]) for key, one in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return all(is_stored((*place, Element(())), one, other) for one, other in zip(wanted, found, strict=True))
    return False


def with_data(manifest: Object) -> Object:
    """A Secret's stringData as the data that the API server makes of it."""
    texts = manifest.get("stringData")
    if manifest.get("kind") != "Secret" or not isinstance(texts, dict):
        return manifest
    data = manifest.get("data")
    made: Object = {key: b64encode(text.encode()).decode() for key, text in texts.items() if isinstance(text, str)}
    rest = {key: value for key, value in manifest.items() if key != "stringData"}
    return {**rest, "data": {**(data if isinstance(data, dict) else {}), **made}}


def _is_quantity(place: Place) -> bool:
    names = names_of(place)
    return not _QUANTITIES.isdisjoint(names) and _TEXTS.isdisjoint(names)
