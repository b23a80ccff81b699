"""The check `workloads/cronjob-never-succeeded`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import jobs
from daytwo.domains.workloads.schedule import schedule_of
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, Job

RUNS: Final = 3
MOST_COUNTED: Final = 100
# A Job that vanishes as it ends may be gone before its success is noted.
SHORT_AFTERLIFE_SECONDS: Final = 60


@check(
    CronJob,
    heading=Heading.OPERATIONS,
    severity=Severity.MEDIUM,
    harm=Harm.ACTIVE,
    applies=lambda cron_job: not cron_job.spec.suspend and not cron_job.is_terminating,
    basis=Basis.STATE,
)
def cronjob_never_succeeded(cron_job: CronJob, snapshot: Snapshot) -> Iterator[Hit]:
    """A CronJob none of whose runs has succeeded: in three runs, or ever and the last one failed.

    Why: it looks alive, starts Jobs on time, and what it is for is never done.
    Fix: the log of its last run says why. Where no Job is left to look at, raise failedJobsHistoryLimit.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits
    Not: suspended CronJobs; runs that are still going on; Jobs that are deleted within a minute of their end, whose success may
    never be noted.
    """
    scheduled, succeeded = cron_job.status.last_schedule_time, cron_job.status.last_successful_time
    if scheduled is None or (succeeded is not None and succeeded >= scheduled):
        return
    snapshot.require(Job.KIND, cron_job.namespace)
    runs = jobs.runs_of(cron_job.metadata.uid, snapshot)
    failed = [run for run in runs if jobs.failure(run) is not None and _is_after(run, succeeded)]
    if any(jobs.is_complete(run) and _is_after(run, succeeded) for run in runs):
        # It has succeeded, and the CronJob is about to learn of it.
        return
    count = _count(cron_job, succeeded, scheduled)
    if succeeded is None:
        if not failed and (count < RUNS or _is_going_on(runs) or _vanishes(cron_job)):
            return
        yield _hit(cron_job, f"has never succeeded{_in_runs(count)}", failed, cron_job.created, snapshot)
    elif failed and count >= RUNS:
        yield _hit(cron_job, f"has not succeeded{_in_runs(count)}", failed, None, snapshot)


def _is_after(run: Job, succeeded: datetime | None) -> bool:
    return succeeded is None or (run.created is not None and run.created > succeeded)


def _is_going_on(runs: tuple[Job, ...]) -> bool:
    return any(not jobs.has_ended(run) for run in runs)


def _vanishes(cron_job: CronJob) -> bool:
    afterlife = cron_job.spec.job_template.spec.ttl_seconds_after_finished
    return afterlife is not None and afterlife < SHORT_AFTERLIFE_SECONDS


def _count(cron_job: CronJob, succeeded: datetime | None, scheduled: datetime) -> int:
    """How many runs were due since the last success, or since it was made: by our own reckoning."""
    since = succeeded or cron_job.created
    return schedule_of(cron_job).count(since, scheduled, MOST_COUNTED) if since is not None else 0


def _in_runs(count: int) -> str:
    if count < 2:
        return ""
    return f" in more than {MOST_COUNTED - 1} runs" if count >= MOST_COUNTED else f" in {count} runs by our reckoning"


def _hit(cron_job: CronJob, statement: str, failed: list[Job], at: datetime | None, snapshot: Snapshot) -> Hit:
    newest = max(failed, key=_creation, default=None)
    condition = jobs.failure(newest) if newest is not None else None
    why = f": {jobs.why_failed(newest, condition, snapshot)}" if newest is not None and condition is not None else ""
    first = min((found.last_transition_time for run in failed if (found := jobs.failure(run)) and found.last_transition_time), default=None)
    since = Since(at) if at is not None else Since(first, exact=False) if first is not None else None
    success = cron_job.status.last_successful_time
    return Hit(
        f"{statement}{why}",
        path="status.lastSuccessfulTime",
        since=since,
        evidence=(
            Evidence("its last success", success) if success is not None else Evidence(f"CronJob {cron_job.name}: no lastSuccessfulTime"),
            Evidence("its last run was scheduled", cron_job.status.last_schedule_time),
            *(jobs.pod_evidence(newest, snapshot) if newest is not None else ()),
        ),
        confirm=jobs.show_logs(newest, snapshot)
        if newest is not None
        else kubectl("get", "cronjob", cron_job.name, "-o", "jsonpath={.status}", namespace=cron_job.namespace),
    )


def _creation(job: Job) -> float:
    return job.created.timestamp() if job.created is not None else 0.0
