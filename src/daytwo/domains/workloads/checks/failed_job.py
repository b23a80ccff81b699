"""The check `workloads/failed-job`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import jobs, pods
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Job

FORGOTTEN: Final = timedelta(days=7)


@check(
    Job,
    heading=Heading.OPERATIONS,
    severity=Severity.MEDIUM,
    harm=Harm.ACTIVE,
    applies=lambda job: not job.is_terminating,
    basis=Basis.STATE,
)
def failed_job(job: Job, snapshot: Snapshot) -> Iterator[Hit]:
    """A Job that failed for good, and that no later run of its CronJob has made up for.

    Why: the work it stands for (a backup, a report, a migration) was not done.
    Fix: the log of its pods says why. Once that is mended run it again, if running it twice is safe.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
    Not: a Job that succeeded after retries; a run that a later, failed run of its CronJob speaks for. A run that a later one made up
    for, and one that failed more than a week ago, are hygiene.
    """
    failed = jobs.failure(job)
    if failed is None:
        return
    runs = jobs.runs_of(job.controller.uid, snapshot) if job.controller is not None else ()
    later = runs[runs.index(job) + 1 :] if job in runs else ()
    if any(jobs.failure(run) is not None for run in later):
        return
    made_up_for = any(jobs.is_complete(run) for run in later)
    at = failed.last_transition_time
    is_old = at is not None and snapshot.taken_at - at > FORGOTTEN
    in_a_row = _failures_before(job, runs)
    after = f", as did {in_a_row} before it" if in_a_row else ""
    amends = "; a later run succeeded" if made_up_for else ""
    yield Hit(
        f"failed{after}: {jobs.why_failed(job, failed, snapshot)}{amends}",
        path="status.conditions[Failed]",
        since=Since(at) if at is not None else None,
        evidence=(
            Evidence(f"Job {job.name}, condition Failed: {failed.reason}, {pods.brief(failed.message)}", at),
            *jobs.pod_evidence(job, snapshot),
        ),
        confirm=jobs.show_logs(job, snapshot),
        harm=Harm.NONE if made_up_for or is_old else None,
        severity=Severity.LOW if made_up_for or is_old else None,
    )


def _failures_before(job: Job, runs: tuple[Job, ...]) -> int:
    """How many runs right before this one failed too, as far as they are still there."""
    if job not in runs:
        return 0
    count = 0
    for run in reversed(runs[: runs.index(job)]):
        if jobs.failure(run) is None:
            break
        count += 1
    return count
