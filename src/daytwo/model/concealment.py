"""How a value that is secret is told: its length, and whether it is the same as another."""

import re
from collections.abc import Callable
from hashlib import sha256
from hmac import new
from typing import Final, TypeAlias

from daytwo.model.json import Json
from daytwo.model.masked import MASK
from daytwo.model.masking_json import mask_json
from daytwo.model.metadata import LAST_APPLIED

Conceal: TypeAlias = Callable[[str], str]

_SHOWN_DIGITS: Final = 8
_CONCEALED: Final = re.compile(rf"{MASK}|‹\d+ characters(?:, [0-9a-f]{{{_SHOWN_DIGITS}}})?›")


def concealing(key: bytes) -> Conceal:
    """Tells values apart by a keyed digest: without the key, a bare digest of a short password could be guessed."""

    def conceal(text: str) -> str:
        return f"‹{len(text)} characters, {new(key, text.encode(), sha256).hexdigest()[:_SHOWN_DIGITS]}›"

    return conceal


def length_only(text: str) -> str:
    return f"‹{len(text)} characters›"


def is_concealed(value: Json) -> bool:
    """Whether anything in it is told instead of shown: then it is not what may be sent."""
    if isinstance(value, str):
        return _CONCEALED.search(value) is not None
    if isinstance(value, dict):
        return any(is_concealed(one) for one in value.values())
    return isinstance(value, list) and any(map(is_concealed, value))


def concealed(value: Json, conceal: Conceal) -> Json:
    """The same value with everything secret in it told instead of shown. Keys stay: they are names."""
    return _told(value, mask_json(value), conceal)


def _told(value: Json, masked: Json, conceal: Conceal, name: str = "") -> Json:
    if isinstance(value, str):
        if name == LAST_APPLIED:
            # A whole manifest, in which the plain stringData of a Secret looks like any text.
            return conceal(value)
        if value == masked:
            return value
        return conceal(value) if masked == MASK or not isinstance(masked, str) else f"{masked} {conceal(value)}"
    if isinstance(value, dict) and isinstance(masked, dict):
        # Masking keeps the order of keys, though perhaps not the keys: where two became one, nothing is shown.
        pairs = masked.values() if len(masked) == len(value) else [MASK] * len(value)
        return {key: _told(one, other, conceal, key) for (key, one), other in zip(value.items(), pairs, strict=True)}
    if isinstance(value, list) and isinstance(masked, list) and len(masked) == len(value):
        return [_told(one, other, conceal) for one, other in zip(value, masked, strict=True)]
    return value if value == masked else MASK
