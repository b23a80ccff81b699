"""Times as somebody types them: RFC 3339, a span before now, or yesterday."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from daytwo.model.errors import UsageError
from daytwo.model.moment import parse_duration

if TYPE_CHECKING:
    from daytwo.model.memory import Past


def moment(text: str, now: datetime, zone: tzinfo, flag: str) -> datetime:
    """The time that `flag` names: `2026-11-20T08:00:00Z`; `24h`, so long before now; `yesterday`, when it began in `zone`."""
    if text == "yesterday":
        day = now.astimezone(zone).date() - timedelta(days=1)
        return datetime.combine(day, time(), zone).astimezone(UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _before(text, now, flag)
    if at.tzinfo is None:
        raise UsageError(f'{flag}: "{text}" has no zone; write one such as {at:%Y-%m-%dT%H:%M:%S}Z')
    return at.astimezone(UTC)


def _before(text: str, now: datetime, flag: str) -> datetime:
    try:
        return now - parse_duration(text)
    except ValueError:
        raise UsageError(f'{flag}: "{text}" is no time; write one such as 2026-11-20T08:00:00Z, 24h, 90d or yesterday') from None


def parse_past(text: str, zone: tzinfo) -> "Callable[[datetime], Past] | None":
    """What `--since` names when it is a time: for the time of a look, the earlier one to compare with. None for what is no time.

    - `24h`, `7d`: the last look at or before so long ago; a time in RFC 3339: at or before then.
    - `yesterday`: the look of yesterday's date in `zone` that is nearest to this time of day, else the last one before that day.

    UsageError for a time without a zone, and for one that has not come yet.
    """
    from daytwo.model.memory import Past

    if text == "yesterday":
        return lambda now: _yesterday(now, zone)
    try:
        named = datetime.fromisoformat(text)
    except ValueError:
        try:
            span = parse_duration(text)
        except ValueError:
            return None
        return lambda now: Past(now - span)
    if named.tzinfo is None:
        raise UsageError(f'--since: "{text}" is a time without a zone; write one such as 2026-11-20T08:00:00Z')

    def at(now: datetime) -> Past:
        if named > now:
            raise UsageError(f"{text} has not come yet: this look was at {now:%Y-%m-%dT%H:%M:%SZ}")
        return Past(named)

    return at


def _yesterday(now: datetime, zone: tzinfo) -> "Past":
    from daytwo.model.memory import Past

    local = now.astimezone(zone)
    yesterday = local.date() - timedelta(days=1)
    midnight, next_midnight = (datetime.combine(day, time(), zone) for day in (yesterday, local.date()))
    return Past(datetime.combine(yesterday, local.time(), zone), (midnight, next_midnight))
