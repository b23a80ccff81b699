"""What the API server takes for a name, a label's key and a label's value.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and …/labels/#syntax-and-character-set
"""

import re
from typing import Final

_PART: Final = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_LABEL: Final = re.compile(_PART)
_SUBDOMAIN: Final = re.compile(rf"{_PART}(?:\.{_PART})*")
_QUALIFIED: Final = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_LONGEST_LABEL: Final = 63
_LONGEST_SUBDOMAIN: Final = 253


def wrong_with_value(value: str) -> str:
    """Why this cannot be a label's value; empty where it can."""
    if len(value) > _LONGEST_LABEL:
        return f"is {len(value)} characters long, and {_LONGEST_LABEL} are allowed"
    if not value or _QUALIFIED.fullmatch(value):
        return ""
    return f"has {_shown(value, _QUALIFIED_CHARACTERS)}" if _shown(value, _QUALIFIED_CHARACTERS) else "begins or ends with a mark"


def wrong_with_key(key: str) -> str:
    """Why this cannot be the key of a label or annotation; empty where it can."""
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > _LONGEST_SUBDOMAIN or not _SUBDOMAIN.fullmatch(prefix)):
        return "has a prefix that is no DNS name"
    if len(name) > _LONGEST_LABEL:
        return f"has a name of {len(name)} characters, and {_LONGEST_LABEL} are allowed"
    if not name:
        return "has no name"
    return "" if _QUALIFIED.fullmatch(name) else f"has {_shown(name, _QUALIFIED_CHARACTERS) or 'a mark at its begin or end'}"


def wrong_with_label(name: str, longest: int = _LONGEST_LABEL) -> str:
    """Why this cannot be a DNS label, as namespaces and Services are named."""
    if len(name) > longest:
        return f"is {len(name)} characters long, and {longest} are allowed"
    return "" if _LABEL.fullmatch(name) else f"has {_shown(name, _LABEL_CHARACTERS) or 'a dash at its begin or end'}"


def wrong_with_subdomain(name: str, longest: int = _LONGEST_SUBDOMAIN) -> str:
    """Why this cannot be a DNS name, as most objects are named."""
    if len(name) > longest:
        return f"is {len(name)} characters long, and {longest} are allowed"
    return "" if _SUBDOMAIN.fullmatch(name) else f"has {_shown(name, _NAME_CHARACTERS) or 'a part that begins or ends with a dash'}"


_QUALIFIED_CHARACTERS: Final = re.compile(r"[-A-Za-z0-9_.]")
_LABEL_CHARACTERS: Final = re.compile(r"[-a-z0-9]")
_NAME_CHARACTERS: Final = re.compile(r"[-a-z0-9.]")


def _shown(text: str, allowed: re.Pattern[str]) -> str:
    """The first character that is not allowed, in words."""
    found = next((character for character in text if not allowed.fullmatch(character)), "")
    if not found:
        return ""
    return (
        "a space in it"
        if found == " "
        else f"the capital {found} in it"
        if found.isascii() and found.isupper()
        else f"the character {found} in it"
    )
