"""The check `readiness/starting-deadline-too-short`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob


@check(CronJob, heading=Heading.RELIABILITY, severity=Severity.MEDIUM)
def starting_deadline_too_short(cron_job: CronJob, snapshot: Snapshot) -> Iterator[Hit]:
    """A CronJob gives its runs less than ten seconds to be started.

    Why: its controller looks every ten seconds: a run that was due just after a look is too late at the next, and is left out.
    Fix: set startingDeadlineSeconds to a minute or more.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline
    """
    deadline = cron_job.spec.starting_deadline_seconds
    if deadline is not None and deadline < 10:
        path = "spec.startingDeadlineSeconds"
        yield Hit(
            f"runs are left out that do not start within {deadline} s: the controller looks every 10 s", path, repair=setting(path, 60)
        )
