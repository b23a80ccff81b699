"""What a scalar of YAML means to kubectl: sigs.k8s.io/yaml, which is go-yaml v2: YAML 1.1 without base 60 and dates.

Measured on kubectl v1.36 (tests/sources/manifests/test_scalars.py asks the real one).
"""

import re
import struct
from base64 import b64decode
from decimal import Decimal
from math import isinf
from typing import Final

from daytwo.model.json import Json

_TRUE: Final = frozenset({"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE: Final = frozenset({"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_SPECIAL: Final = frozenset({".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"})
# Behind `0b`, and there alone, go-yaml takes a second sign.
_INTEGER: Final = re.compile(r"(?:[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)|0b[-+][01]+)\Z")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_BASES: Final = {"x": 16, "b": 2, "o": 8}

# int64 and uint64 of Go: what fits into neither is a float, if it looks like one.
_INT64: Final = 2**63
_UINT64: Final = 2**64
_LONGEST_INTEGER: Final = 80
_LONGEST_SHOWN: Final = 60
_LARGEST_SINGLE: Final = 3.4028235677973366e38

STANDARD: Final = "tag:yaml.org,2002:"
MERGE: Final = f"{STANDARD}merge"
_RESOLVED: Final = {f"{STANDARD}{name}": name for name in ("str", "bool", "int", "float", "null", "timestamp", "binary")}


class NoValue(ValueError):
    """A scalar that kubectl refuses; the message says why and what to write."""


def shown(text: str) -> str:
    """In quotes and on one line, however long it is."""
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return '"' + "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in cut) + '"'


def plain(text: str) -> Json:
    """A scalar without quotes and without a tag. Raises NoValue."""
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if text in _NULL:
        return None
    if text in _SPECIAL:
        raise NoValue(f"{text} is no value of JSON; put it into quotes if it is a text")
    number = _number(text)
    return text if number is None else number


def tagged(text: str, tag: str) -> Json:
    """A scalar with a tag. Of tags that are not YAML's own, kubectl takes the scalar for a text. Raises NoValue."""
    name = _RESOLVED.get(tag, "str")
    if name in ("str", "timestamp"):
        return text
    if name == "binary":
        return _binary(text)
    value = plain(text)
    is_one = {
        "bool": isinstance(value, bool),
        "null": value is None,
        "int": isinstance(value, int | float) and not isinstance(value, bool) and _INTEGER.match(text.replace("_", "")) is not None,
        "float": isinstance(value, int | float) and not isinstance(value, bool),
    }
    if not is_one[name]:
        raise NoValue(f"{shown(text)} is no !!{name}; leave the tag out, or write what it says")
    return value


def key(text: str) -> str:
    """The key of JSON that a key without quotes stands for: `0644:` is "420", `yes:` is "true", `1e6:` is "1e+06". Raises NoValue."""
    value = plain(text)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise NoValue("a key is a text, and this one is empty; put it into quotes")
    digits = text.replace("_", "")
    if _INTEGER.match(digits) is None:
        return _float_key(float(digits))
    if isinstance(value, int):
        return str(value)
    if not digits.startswith("-") and _integer(digits) < _UINT64:
        raise NoValue("a key is a text, and kubectl takes no number as large as this for one; put it into quotes")
    return _float_key(float(digits))


def _number(text: str) -> int | float | None:
    if text[0] not in "+-.0123456789" or (text[0] == "." and "_" in text):
        return None
    digits = text.replace("_", "")
    if _INTEGER.match(digits) and len(digits) <= _LONGEST_INTEGER:
        whole = _integer(digits)
        if -_INT64 <= whole < _INT64:
            return whole
        if 0 < whole < _UINT64 and not digits.startswith("+"):
            return float(whole)
    if _FLOAT.match(digits):
        value = float(digits)
        if isinf(value):
            return None
        if not value.is_integer():
            return value
        # Written as JSON in the fewest digits, and read again: 001123456789012345678 is 1123456789012345700.
        shortest = int(Decimal(repr(value)))
        return shortest if -_INT64 <= shortest < _INT64 else value
    return None


def _integer(digits: str) -> int:
    if digits.startswith("0b"):
        return int(digits[2:], 2)
    unsigned = digits.lstrip("+-")
    base = _BASES.get(unsigned[1:2].lower(), 8 if len(unsigned) > 1 and unsigned[0] == "0" else 10)
    whole = int(unsigned[2:] if unsigned[1:2].isalpha() else unsigned, base)
    return -whole if digits.startswith("-") else whole


def _binary(text: str) -> str:
    try:
        found = b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except ValueError:
        raise NoValue("!!binary is no base64 of a text; of bytes, write binaryData without a tag") from None
    # As Go writes bytes that are no text: one mark for each.
    return "".join("\ufffd" if "\udc80" <= character <= "\udcff" else character for character in found.decode(errors="surrogateescape"))


def _float_key(value: float) -> str:
    """As `strconv.FormatFloat(value, 'g', -1, 32)` of Go: the shortest digits that a 32-bit float needs."""
    try:
        single = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return ".inf" if value > 0 else "-.inf"
    digits, exponent = "0", 0
    for precision in range(17):
        shown = f"{single:.{precision}e}"
        # Rounded up, the largest of them would not fit.
        if abs(float(shown)) < _LARGEST_SINGLE and struct.pack("<f", float(shown)) == struct.pack("<f", single):
            digits, _, power = shown.partition("e")
            exponent = int(power)
            break
    if exponent < -4 or exponent >= 6:
        sign = "-" if exponent < 0 else "+"
        return f"{digits}e{sign}{abs(exponent):02d}"
    decimals = len(digits.partition(".")[2]) - exponent
    return f"{single:.{max(decimals, 0)}f}"
