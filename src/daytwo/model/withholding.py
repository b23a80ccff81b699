"""What the ledger may keep of a change: the same, with every secret in it masked: only the process that planned it can carry it out."""

import msgspec

from daytwo.model import json
from daytwo.model.change import Change, FieldChange, Guard, Patch
from daytwo.model.json import Json
from daytwo.model.masking_json import mask_json


def as_recorded(change: Change) -> Change:
    """The change without its secrets; equal to it when there are none."""
    if isinstance(change, Patch):
        names = {guard.path: guard.value for guard in change.guards}
        return msgspec.structs.replace(
            change,
            fields=tuple(_field(field, names) for field in change.fields),
            guards=tuple(_guard(guard, names) for guard in change.guards),
        )
    # Back in the same order: only what is masked differs.
    masked: Change = msgspec.convert(mask_json(msgspec.to_builtins(change)), type(change))
    return masked


def is_withheld(change: Change) -> bool:
    """Whether something of the change is secret."""
    return as_recorded(change) != change


def _field(field: FieldChange, names: dict[str, Json]) -> FieldChange:
    name = _name(field.path, names)
    return msgspec.structs.replace(field, old=mask_json(field.old, name), new=mask_json(field.new, name))


def _guard(guard: Guard, names: dict[str, Json]) -> Guard:
    return msgspec.structs.replace(guard, value=mask_json(guard.value, _name(guard.path, names)))


def _name(path: str, names: dict[str, Json]) -> str:
    """What the value at this pointer is called: for the value of a variable that is the variable's name, as a guard tells it."""
    parts = json.parts_of(path)
    if not parts:
        return ""
    if parts[-1] == "value":
        name = names.get(json.pointer(*parts[:-1], "name"))
        if isinstance(name, str):
            return name
    return parts[-1]
