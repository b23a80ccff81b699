"""The check `readiness/finished-job-kept`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.readiness.jobs import is_own
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Job

_KEPT_SECONDS: Final = 7 * 86400


@check(Job, heading=Heading.OPERATIONS, severity=Severity.LOW, applies=is_own)
def finished_job_kept(job: Job, snapshot: Snapshot) -> Iterator[Hit]:
    """A Job that is never cleaned up.

    Why: it stays with its pods when it is done; over the months they slow the API server down, and the name cannot be used again.
    Fix: set ttlSecondsAfterFinished, such as to a week.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
    Not: Jobs of a CronJob or an operator, and hooks of Helm and Argo CD: those clean up themselves.
    """
    if job.spec.ttl_seconds_after_finished is None:
        path = "spec.ttlSecondsAfterFinished"
        yield Hit("stays for ever when it is done", path, repair=setting(path, _KEPT_SECONDS))
