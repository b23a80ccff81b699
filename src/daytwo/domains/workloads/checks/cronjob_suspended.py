"""The check `workloads/cronjob-suspended`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob

PATIENCE: Final = timedelta(days=7)


@check(
    CronJob,
    heading=Heading.OPERATIONS,
    severity=Severity.LOW,
    harm=Harm.NONE,
    applies=lambda cron_job: cron_job.spec.suspend and not cron_job.is_terminating,
    basis=Basis.STATE,
)
def cronjob_suspended(cron_job: CronJob, snapshot: Snapshot) -> Iterator[Hit]:
    """A CronJob that has been suspended for a week or longer.

    Why: a pause that was meant for a day is easily forgotten, and what the CronJob did is then not done.
    Fix: resume it, or delete it if nobody needs it.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-suspension
    """
    write = cron_job.last_write("suspend")
    # Without a record of the write the last run is the earliest moment at which it can have been suspended.
    at = write.time if write is not None and write.time is not None else cron_job.status.last_schedule_time or cron_job.created
    if at is not None and snapshot.taken_at - at < PATIENCE:
        return
    who = f", written by {write.manager}" if write is not None and write.manager else ""
    last = cron_job.status.last_schedule_time
    yield Hit(
        f"is suspended{who}",
        path="spec.suspend",
        # An entry of managedFields moves with whatever else its manager writes.
        since=Since(at, exact=False) if at is not None and write is not None else None,
        evidence=(
            Evidence(f"CronJob {cron_job.name}: spec.suspend true{who}", at),
            *((Evidence("its last run", last),) if last is not None else ()),
        ),
        confirm=kubectl("get", "cronjob", cron_job.name, namespace=cron_job.namespace),
    )
