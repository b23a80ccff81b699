"""As much of JSON Schema as our documents use, written apart from what generates them."""

from typing import Any

Schema = dict[str, Any]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
_KNOWN = {
    "$ref",
    "$defs",
    "$schema",
    "title",
    "description",
    "anyOf",
    "enum",
    "type",
    "properties",
    "required",
    "items",
    "format",
    "additionalProperties",
}


def complaints(value: object, schema: Schema, root: Schema | None = None, path: str = "$") -> list[str]:
    """What is wrong with a value; a field that the schema does not name is wrong too."""
    root = root or schema
    unknown = set(schema) - _KNOWN
    if unknown:
        return [f"{path}: this test does not know {sorted(unknown)}"]
    if "$ref" in schema:
        return complaints(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, path)
    if "anyOf" in schema:
        found = [complaints(value, one, root, path) for one in schema["anyOf"]]
        return [] if any(not one for one in found) else [f"{path}: fits none of {len(found)}", *(text for one in found for text in one)]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{path}: {value!r} is none of {schema['enum']}"]
    if "type" in schema and (not isinstance(value, _TYPES[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean")):
        return [f"{path}: {value!r} is no {schema['type']}"]
    wrong: list[str] = []
    if isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
        for name, each in value.items():
            wrong += complaints(each, schema["additionalProperties"], root, f"{path}.{name}")
    if isinstance(value, dict) and "properties" in schema:
        wrong += [f"{path}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        wrong += [f"{path}: {name} is not described" for name in value if name not in schema["properties"]]
        for name, each in value.items():
            wrong += complaints(each, schema["properties"].get(name, {}), root, f"{path}.{name}")
    if isinstance(value, list):
        for index, each in enumerate(value):
            wrong += complaints(each, schema.get("items", {}), root, f"{path}[{index}]")
    return wrong
