"""The check `readiness/time-zone-unstated`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob


@check(
    CronJob,
    heading=Heading.OPERATIONS,
    severity=Severity.INFO,
    applies=lambda cron_job: not cron_job.spec.schedule.startswith("@every"),
    by_hand="whose time is meant only its owner knows",
)
def time_zone_unstated(cron_job: CronJob, snapshot: Snapshot) -> Iterator[Hit]:
    """A CronJob's schedule without a time zone.

    Why: it is read in the time zone of the controller's host, which no object shows and which differs between providers.
    Fix: set timeZone, such as Etc/UTC.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones
    Not: schedules that are the same in every zone: each minute, or at minutes of each hour.
    """
    fields = cron_job.spec.schedule.split()
    is_hourly = cron_job.spec.schedule == "@hourly" or (len(fields) == 5 and all(field in ("*", "?") for field in fields[1:]))
    if not cron_job.spec.time_zone and not is_hourly:
        yield Hit(f"schedule {cron_job.spec.schedule} is read in the controller's own time zone", path="spec.timeZone")
