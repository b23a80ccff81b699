"""Numbers of pods that may be written as a share of them: `2` or `25%`."""

import re
from math import ceil, floor
from typing import Final

_SHARE: Final = re.compile(r"(\d{1,4})%\Z")


def count(value: int | str, total: int, is_up: bool) -> int:
    """A number of pods, or a share of `total` rounded up or down; 0 for what is neither."""
    if isinstance(value, int):
        return value
    match = _SHARE.match(value)
    if match is None:
        return int(value) if value.isdecimal() else 0
    # In whole numbers: 0.07 of 100 is not 7 in binary fractions.
    hundredths = int(match[1]) * total
    return ceil(hundredths / 100) if is_up else floor(hundredths / 100)


def is_zero(value: int | str) -> bool:
    """Whether it is none however many pods there are, as the API server tells it."""
    match = _SHARE.match(value) if isinstance(value, str) else None
    return int(match[1]) == 0 if match is not None else value in (0, "0")
