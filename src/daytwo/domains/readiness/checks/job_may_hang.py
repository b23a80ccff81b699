"""The check `readiness/job-may-hang`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.jobs import BATCH_KINDS, Batch, is_own, job_path, job_spec_of
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob


@check(
    *BATCH_KINDS,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    applies=is_own,
    by_hand="how long a run may take only its owner knows",
)
def job_may_hang(batch: Batch, snapshot: Snapshot) -> Iterator[Hit]:
    """A Job that nothing ends when it hangs.

    Why: a run that waits for ever holds its node's room, and of a CronJob that forbids a second run, it keeps every later one from
    starting.
    Fix: set activeDeadlineSeconds to well above the longest run.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup
    Not: Jobs of a CronJob, which is told itself, and hooks of Helm and Argo CD, which have time limits of their own.
    """
    job = job_spec_of(batch)
    if job.active_deadline_seconds is not None or job.template.spec.active_deadline_seconds is not None:
        return
    is_blocking = isinstance(batch, CronJob) and batch.spec.concurrency_policy == "Forbid"
    yield Hit(
        "a run that hangs keeps every later one from starting" if is_blocking else "nothing ends a run that hangs",
        path=f"{job_path(batch)}.activeDeadlineSeconds",
    )
