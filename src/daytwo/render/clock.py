"""Times and durations as a person reads them, in the reader's zone, seen from the moment of the look."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from daytwo.model.finding import Evidence, Since
from daytwo.model.moment import duration


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` is when the cluster was looked at."""

    now: datetime
    zone: tzinfo

    def full(self, at: datetime) -> str:
        """`2026-11-20 08:00 UTC`."""
        local = self._local(at)
        name = local.tzname() or ""
        return f"{local:%Y-%m-%d %H:%M} {name if name[:1].isalpha() else f'UTC{name}'}"

    def time(self, at: datetime, *, seconds: bool = False) -> str:
        """`07:12`; `Thu 07:12` within six days; `3 Nov 07:12` within ten months; else `3 Nov 2024`."""
        local, now = self._local(at), self._local(self.now)
        time = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
        days = abs((local.date() - now.date()).days)
        if days == 0:
            return time
        if days <= 6:
            return f"{local:%a} {time}"
        if days <= 300:
            return f"{local.day} {local:%b} {time}"
        return f"{local.day} {local:%b} {local.year}"

    def since(self, since: Since) -> str:
        """`since 07:12`, or `at least since 07:12` where earlier evidence is no longer visible."""
        return f"since {self.time(since.at)}" if since.exact else f"at least since {self.time(since.at)}"

    def age(self, at: datetime) -> str:
        """How long ago, or ahead: `48 min`."""
        return duration(abs(self.now - at))

    def due(self, at: datetime) -> str:
        """`in 6 days (26 Nov 08:00)`, or `2 days ago (18 Nov 08:00)`."""
        local = self._local(at)
        far = abs(self.now - at) > timedelta(days=2)
        time = f"{local.day} {local:%b} {local:%H:%M}" if far and local.year == self.now.year else self.time(at)
        return f"{self.age(at)} ago ({time})" if at <= self.now else f"in {self.age(at)} ({time})"

    def _local(self, at: datetime) -> datetime:
        """In the reader's zone; Go's zero time, at the edge of the calendar, stays in UTC."""
        try:
            return at.astimezone(self.zone)
        except OverflowError:
            return at.astimezone(UTC)

    def evidence(self, evidence: Evidence) -> str:
        """The fact with its time: where its text says `{at}`, else at its end; `exit code 137 at 07:58`, lest numbers run together."""
        if evidence.at is None:
            return placed(evidence.text, "{at}", "")
        return placed(evidence.text, "{at}", self.time(evidence.at), joint=" at " if evidence.text[-1:].isdigit() else " ")


def placed(text: str, marker: str, phrase: str, *, joint: str = " ") -> str:
    """`text` with `phrase` at its marker, after a space; without a marker at its end, after `joint`; no phrase leaves no trace."""
    before, found, after = text.partition(marker)
    if found:
        return f"{before.rstrip()} {phrase}{after}" if phrase else before.rstrip() + after
    return f"{text}{joint}{phrase}" if phrase else text
