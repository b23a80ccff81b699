"""When a CronJob is due: our own reckoning, since the controller tells nobody. It must not be taken for the controller's word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from daytwo.model.gap import Gap, Unseen
from daytwo.model.moment import span
from daytwo.model.ref import Cell
from daytwo.model.workload import CronJob

# The controller's parser is github.com/robfig/cron/v3: five fields, or one of these.
_DESCRIPTORS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_LOOK_BACK: Final = (timedelta(hours=1), timedelta(days=2), timedelta(days=70), timedelta(days=5 * 366))
_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 9000
_LATEST: Final = datetime(_LAST_YEAR, 12, 31, tzinfo=UTC)
_ZONE_PREFIX: Final = re.compile(r"(?:CRON_)?TZ=(\S+)\s+")
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
# A Go duration ends at 292 years.
_LONGEST_SECONDS: Final = 292 * 366 * 86400
_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_EVERY_NTH: Final = re.compile(r"\*/(\d+)\Z")
# The zones that a controller without spec.timeZone may live in.
_OFFSETS: Final = (
    *(timedelta(hours=hours) for hours in range(-12, 15)),
    *(timedelta(minutes=minutes) for minutes in (-210, 210, 330, 345, 570)),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When runs are due. `zone` is None where the controller's own zone counts, which nobody tells; `every` is set for `@every 90m`."""

    text: str
    expression: str
    zone: tzinfo | None
    every: timedelta | None
    is_never: bool

    def due_after(self, after: datetime, zone: tzinfo | None = None) -> Iterator[datetime]:
        """The times after `after` at which a run is due, for ever; none after a time that no cluster can have lived in."""
        if not _FIRST_YEAR <= after.year <= _LAST_YEAR:
            return
        if self.every is not None:
            step = after
            while (_LATEST - step) > self.every:
                step += self.every
                yield step
            return
        if self.is_never:
            return
        for due in CronSim(self.expression, after.astimezone(zone or self.zone or UTC)):
            yield due.astimezone(UTC)

    def latest_due(self, after: datetime, until: datetime) -> datetime | None:
        """The last time after one and until another at which a run was due, in UTC where no zone is known; None if none was.

        It looks back in ever longer spans: a schedule of every minute may have missed a year.
        """
        if self.every is not None:
            # Counted from the last run, and so not to be looked back for.
            missed = (until - after) // self.every
            return after + missed * self.every if missed > 0 else None
        for look_back in _LOOK_BACK:
            since = max(after, until - look_back)
            found = None
            for due in self.due_after(since):
                if due > until:
                    break
                found = due
            if found is not None or since == after:
                return found
        return None

    def count(self, after: datetime, until: datetime, most: int) -> int:
        """How many runs were due after one time and until another, counted up to `most`."""
        found = 0
        for due in islice(self.due_after(after), most):
            if due > until:
                break
            found += 1
        return found

    def first_two(self, after: datetime, is_run: bool) -> tuple[datetime, datetime] | None:
        """The first two runs that were due after a time; None if none ever is.

        Without a time zone the latest that any zone allows: those in which `after`, if it was a run, is on the schedule.
        """
        if self.is_never:
            return None
        if self.zone is not None or self.every is not None:
            return _pair(self.due_after(after))
        if is_run and self.expression.endswith(" * * * *") and self._is_due(after, UTC):
            # Every hour alike: the zone does not matter.
            return _pair(self.due_after(after))
        zones = [timezone(offset) for offset in _OFFSETS]
        matching = [zone for zone in zones if self._is_due(after, zone)] if is_run else zones
        pairs = [pair for zone in matching or zones if (pair := _pair(self.due_after(after, zone))) is not None]
        return max(pairs, key=lambda pair: pair[1], default=None)

    def _is_due(self, at: datetime, zone: tzinfo) -> bool:
        return next(self.due_after(at - timedelta(minutes=1), zone), None) == at

    def __str__(self) -> str:
        return f"schedule {self.text}"


def schedule_of(cron_job: CronJob) -> Schedule:
    """The schedule of a CronJob. Raises Unseen for one that daytwo cannot read, and for a time zone that this machine does not know."""
    text = cron_job.spec.schedule.strip()
    zone_name, rest = cron_job.spec.time_zone, text
    if match := _ZONE_PREFIX.match(text):
        zone_name, rest = match[1], text[match.end() :]
    zone = _zone(zone_name, cron_job) if zone_name else None
    if rest.startswith("@every "):
        every = _duration(rest.removeprefix("@every ").strip())
        if every is None:
            raise _unreadable(cron_job, f"schedule {text}", "is not understood")
        return Schedule(text, "", zone, every, is_never=False)
    expression = _as_controller_reads(_DESCRIPTORS.get(rest.lower(), rest))
    try:
        CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        if not _is_never(expression):
            raise _unreadable(cron_job, f"schedule {text}", "is not understood") from error
        return Schedule(text, expression, zone, None, is_never=True)
    return Schedule(text, expression, zone, None, is_never=False)


def run_missed(cron_job: CronJob, at: datetime) -> datetime | None:
    """When the run was due that the controller starts at once if it may; None when none is late, or only one it gives up.

    Raises Unseen as `schedule_of` does.
    Source: mostRecentScheduleTime in https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/cronjob/utils.go
    """
    schedule = schedule_of(cron_job)
    since = cron_job.status.last_schedule_time or cron_job.created
    if since is None:
        return None
    deadline = cron_job.spec.starting_deadline_seconds
    earliest = since if deadline is None else max(since, at - span(deadline))
    return schedule.latest_due(earliest, at) if earliest < at else None


def _as_controller_reads(expression: str) -> str:
    """`?` is `*`; a stepped star in a day field is no star: with it, a day may match by either field.

    Source: getRange in parser.go and dayMatches in spec.go of https://github.com/robfig/cron/tree/v3.0.1
    """
    fields = expression.replace("?", "*").split()
    if len(fields) != 5:
        return expression
    for index, days in ((2, "1-31"), (4, "0-6")):
        if match := _EVERY_NTH.match(fields[index]):
            fields[index] = f"{days}/{match[1]}" if int(match[1]) > 1 else "*"
    return " ".join(fields)


def _is_never(expression: str) -> bool:
    """Whether only the day of the month is at fault: each field is in order, but no month of the schedule has such a day."""
    fields = expression.split()
    if len(fields) != 5:
        return False
    try:
        CronSim(" ".join((*fields[:2], "*", *fields[3:])), datetime(2000, 1, 1, tzinfo=UTC))
        CronSim(" ".join((*fields[:3], "*", fields[4])), datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError:
        return False
    return True


def _duration(text: str) -> timedelta | None:
    """A Go duration such as `1h30m`; the controller counts in whole seconds, and at least one."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    return timedelta(seconds=min(max(1, int(seconds)), _LONGEST_SECONDS)) if seconds < float("inf") else None


def _zone(name: str, cron_job: CronJob) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _unreadable(cron_job, f"time zone {name}", "is not known to this machine") from error


def _unreadable(cron_job: CronJob, what: str, reason: str) -> Unseen:
    return Unseen(Gap("schedule", f"{what} of CronJob {cron_job.ref.short}", reason, Cell(CronJob.KIND, cron_job.namespace)))


def _pair(due: Iterator[datetime]) -> tuple[datetime, datetime] | None:
    found = list(islice(due, 2))
    return (found[0], found[1]) if len(found) == 2 else None
