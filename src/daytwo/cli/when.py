"""Times as somebody types them: RFC 3339, a span before now, or yesterday."""

from datetime import UTC, datetime, time, timedelta, tzinfo

from daytwo.model.errors import UsageError
from daytwo.model.moment import parse_duration


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
