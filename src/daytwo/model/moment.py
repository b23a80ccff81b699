"""Points in time and spans as every value of the model holds them: none so far off that reckoning with it fails."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec

# Times without a zone are refused where they are read: they cannot be compared with those that have one.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]

EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2400, 1, 1, tzinfo=UTC)
_LONGEST_SECONDS: Final = 100 * 365 * 86_400


def bound_times(value: msgspec.Struct, *names: str) -> None:
    """Of a value as it is made: Go's zero time and its like become absent, and "never" becomes far away."""
    for name in names:
        time = getattr(value, name)
        if time is not None and not 1900 < time.year < 2400:
            msgspec.structs.force_setattr(value, name, None if time.year <= 1900 else LATEST)


def span(seconds: float) -> timedelta:
    """So many seconds, as an object asks for them; the API server takes more than a clock can add."""
    return timedelta(seconds=max(-_LONGEST_SECONDS, min(seconds, _LONGEST_SECONDS)))


def duration(span: timedelta) -> str:
    """In two units at most: `3 min 34 s`, `13 min`, `19 h`, `12 days`; seconds only below an hour, minutes only below ten hours."""
    seconds = int(span.total_seconds())
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 600:
        return f"{minutes} min {seconds % 60} s" if seconds % 60 else f"{minutes} min"
    if seconds < 3600:
        return f"{minutes} min"
    if seconds < 36000:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if seconds < 172800:
        return f"{seconds // 3600} h"
    return f"{days:,} days"


_UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def parse_duration(text: str) -> timedelta:
    """`90s`, `30m`, `1h30m`, `7d`. ValueError says what is wrong with it and what to write."""
    if re.fullmatch(r"(?:\d{1,9}(?:\.\d{1,3})?[smhdw])+", text):
        parts = re.findall(r"([\d.]+)([smhdw])", text)
        return span(sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts))
    if re.fullmatch(r"\d{1,9}", text):
        raise ValueError(f'"{text}" has no unit; write "{text}s" or "{text}m"')
    raise ValueError(f'"{text}" is no duration; write one such as 30s, 5m or 2h')


def spelled(span: timedelta) -> str:
    """As `parse_duration` reads it: `90s`, `30m`, `2h`."""
    seconds = span.total_seconds()
    for unit in "wdhm":
        if seconds and seconds % _UNIT_SECONDS[unit] == 0:
            return f"{seconds / _UNIT_SECONDS[unit]:g}{unit}"
    return f"{seconds:.9g}s"
