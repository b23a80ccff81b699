"""The check `readiness/starting-deadline-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob


@check(
    CronJob,
    heading=Heading.RELIABILITY,
    severity=Severity.INFO,
    by_hand="how late a run is still of use only its owner knows",
)
def starting_deadline_missing(cron_job: CronJob, snapshot: Snapshot) -> Iterator[Hit]:
    """A CronJob without a limit to how late a run may start.

    Why: after an outage of the controller, or when a suspended CronJob is resumed, the last missed run starts at once, whatever the
    time of day.
    Fix: set startingDeadlineSeconds to how late a run may start and still be of use.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline
    """
    if cron_job.spec.starting_deadline_seconds is None:
        yield Hit("a missed run starts at any later time: startingDeadlineSeconds is absent", path="spec.startingDeadlineSeconds")
