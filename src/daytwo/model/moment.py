"""Points in time and spans as every value of the model holds them: none so far off that reckoning with it fails."""

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
