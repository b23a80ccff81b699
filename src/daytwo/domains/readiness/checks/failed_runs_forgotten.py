"""The check `readiness/failed-runs-forgotten`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob


@check(CronJob, heading=Heading.OPERATIONS, severity=Severity.LOW)
def failed_runs_forgotten(cron_job: CronJob, snapshot: Snapshot) -> Iterator[Hit]:
    """A CronJob keeps no failed run.

    Why: a failed Job is deleted at once with its pods and their logs: nobody learns that it failed, or why.
    Fix: drop failedJobsHistoryLimit (the default keeps one), or set it to 1 or more.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits
    """
    if cron_job.spec.failed_jobs_history_limit == 0:
        path = "spec.failedJobsHistoryLimit"
        yield Hit("a failed run is deleted with its logs at once", path, repair=setting(path, 1))
