"""Masking of JSON values: what their names, their kind or their looks give away as secret."""

from daytwo.model.json import Json
from daytwo.model.masked import MASK
from daytwo.model.masking import mask, mask_arguments, mask_value


def mask_json(value: Json, name: str = "") -> Json:
    """`value` with every secret in it masked; `name` is the key under which it stands.

    - The values of a Secret (`kind: Secret`) are masked whole.
    - `{"name": "DB_PASSWORD", "value": "…"}`, as containers have their variables, is masked by that name.
    - A list of texts is taken for a command line, where a flag may announce a secret.
    """
    if isinstance(value, str):
        return mask_value(name, value) if name else mask(value)
    if isinstance(value, dict):
        return _mask_object(value)
    if isinstance(value, list | tuple):
        # A tuple is no JSON, but msgspec takes one for it: nothing may slip by unmasked.
        texts = [one for one in value if isinstance(one, str)]
        if len(texts) == len(value):
            return list(mask_arguments(tuple(mask_value(name, one) for one in texts))) if name else list(mask_arguments(tuple(texts)))
        return [mask_json(one, name) for one in value]
    return value


def _mask_object(value: dict[str, Json]) -> dict[str, Json]:
    is_secret = value.get("kind") == "Secret"
    variable = value.get("name")
    masked: dict[str, Json] = {}
    for key, one in value.items():
        if is_secret and key in ("data", "stringData") and isinstance(one, dict):
            masked[mask(key)] = {mask(inner): MASK for inner in one}
        elif key == "value" and isinstance(variable, str) and isinstance(one, str):
            masked[key] = mask_value(variable, one)
        else:
            masked[mask(key)] = mask_json(one, key)
    return masked
