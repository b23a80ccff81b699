"""The check `readiness/schedule-invalid`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.cron_grammar import fault_of, is_never_due
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob


@check(
    CronJob,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    by_hand="when it should run only its owner knows",
)
def schedule_invalid(cron_job: CronJob, snapshot: Snapshot) -> Iterator[Hit]:
    """A CronJob's schedule is refused, or never due.

    Why: the API server refuses the object, or takes it and never starts a run, without a word.
    Fix: write five fields (minute, hour, day of the month, month, day of the week), or @daily and the like; Sunday is 0.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
    Not: names of months and days, steps, lists, `?`, and `@every 90m`, which the API server all takes.
    """
    schedule = cron_job.spec.schedule
    if fault := fault_of(schedule):
        yield Hit(f"schedule {schedule!r} is refused: {fault}", path="spec.schedule")
    elif is_never_due(schedule):
        yield Hit(f"schedule {schedule!r} is never due: no such day exists", path="spec.schedule")
