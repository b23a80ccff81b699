"""The check `readiness/concurrent-runs-allowed`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob


@check(CronJob, heading=Heading.RELIABILITY, severity=Severity.LOW)
def concurrent_runs_allowed(cron_job: CronJob, snapshot: Snapshot) -> Iterator[Hit]:
    """A CronJob starts its next run while the last still goes on, however long.

    Why: when a run hangs, or takes longer than the time between two, runs pile up until the nodes are full, and work on the same data.
    Fix: set concurrencyPolicy to Forbid, or bound each run with activeDeadlineSeconds.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy
    Not: runs that activeDeadlineSeconds ends.
    """
    job = cron_job.spec.job_template.spec
    if (
        cron_job.spec.concurrency_policy == "Allow"
        and job.active_deadline_seconds is None
        and job.template.spec.active_deadline_seconds is None
    ):
        yield Hit(
            "runs may pile up: concurrencyPolicy is Allow, and no run has a deadline",
            path="spec.concurrencyPolicy",
            repair=setting("spec.concurrencyPolicy", "Forbid"),
        )
