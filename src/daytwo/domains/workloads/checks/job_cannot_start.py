"""The check `workloads/job-cannot-start`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import jobs
from daytwo.domains.workloads.creation_failure import creation_failure
from daytwo.domains.workloads.members import pods_of
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Job

PATIENCE: Final = timedelta(minutes=10)


def _is_meant(job: Job) -> bool:
    """Suspended, without parallel pods, or driven by another controller: on purpose."""
    is_own = job.spec.managed_by in ("", "kubernetes.io/job-controller")
    return is_own and not job.spec.suspend and job.spec.parallelism > 0 and not job.is_terminating


@check(Job, heading=Heading.OPERATIONS, severity=Severity.MEDIUM, harm=Harm.ACTIVE, applies=_is_meant, basis=Basis.STATE)
def job_cannot_start(job: Job, snapshot: Snapshot) -> Iterator[Hit]:
    """A Job that after ten minutes has not got a single pod.

    No condition ever tells this, and the event that does is gone after an hour; a start long ago and counts of nothing remain.

    Why: the work it stands for is not done, and the Job will say neither that it failed nor that it succeeded.
    Fix: mend what refuses its pods: a full quota, a webhook, a missing service account.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/
    Not: suspended Jobs, and Jobs that another controller drives (spec.managedBy).
    """
    status = job.status
    if status.active or status.succeeded or status.failed or jobs.has_ended(job) or job.condition("FailureTarget") is not None:
        return
    at = jobs.began(job)
    if at is None or snapshot.taken_at - at < PATIENCE or pods_of(job, snapshot):
        return
    refused = creation_failure(job, snapshot)
    if refused is not None:
        message = f"has no pod: {refused.reading.words}"
    elif status.start_time is None:
        message = "has no pod: the Job controller has not looked at it"
    else:
        message = "has no pod, and no event is left that says why"
    yield Hit(
        message,
        path="status",
        since=Since(at),
        evidence=(
            *((refused.evidence,) if refused is not None else ()),
            Evidence(f"Job {job.name}: {'started' if status.start_time else 'created'}, no pod active, succeeded or failed", at),
        ),
        because=refused.reading.because if refused is not None else (),
        confirm=(refused.confirm if refused is not None else None) or kubectl("describe", "job", job.name, namespace=job.namespace),
    )
