"""JSON patch as the API server carries it out, written for the tests alone. A test on the real one holds the two together."""

from copy import deepcopy
from typing import Any


class Refused(Exception):
    """422: the object stays as it was."""


def carry_out(operations: list[dict[str, Any]], value: Any) -> Any:
    """What becomes of a value. `replace` of an absent member adds it; nothing is added below an absent parent."""
    after = deepcopy(value)
    for operation in operations:
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        parent = after
        for part in way:
            parent = _member(parent, part)
        present = isinstance(parent, dict) and last in parent
        if isinstance(parent, list):
            present = last.isdecimal() and int(last) < len(parent)
        elif not isinstance(parent, dict):
            raise Refused(f"{operation['path']}: no parent")
        key: Any = int(last) if isinstance(parent, list) else last
        match operation["op"]:
            case "test":
                found = parent[key] if present else None
                if isinstance(parent, list) and not present:
                    raise Refused(f"{operation['path']}: out of range")
                if type(found) is not type(operation["value"]) or found != operation["value"]:
                    raise Refused(f"{operation['path']} is {found!r}")
            case "add" | "replace" if isinstance(parent, dict) or present:
                # The tests here replace elements of lists, and never insert any.
                assert operation["op"] == "replace" or isinstance(parent, dict)
                parent[key] = deepcopy(operation["value"])
            case "remove" if present:
                del parent[key]
            case other:
                raise Refused(f"{other} {operation['path']}")
    return after


def _member(parent: Any, part: str) -> Any:
    if isinstance(parent, dict) and part in parent:
        return parent[part]
    if isinstance(parent, list) and part.isdecimal() and int(part) < len(parent):
        return parent[int(part)]
    raise Refused(f"nothing at {part}")
