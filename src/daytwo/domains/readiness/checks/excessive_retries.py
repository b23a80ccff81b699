"""The check `readiness/excessive-retries`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.readiness.jobs import BATCH_KINDS, Batch, is_own, job_path, job_spec_of
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


class Retries(msgspec.Struct, frozen=True):
    """From how many retries on a Job is taken to retry for ever."""

    most: int = 20


@check(
    *BATCH_KINDS,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    applies=is_own,
    options=Retries,
    by_hand="how many attempts are of use only its owner knows",
)
def excessive_retries(batch: Batch, snapshot: Snapshot, options: Retries) -> Iterator[Hit]:
    """A Job that is tried again and again.

    Why: each attempt waits longer, up to six minutes: a Job that cannot succeed fails only after hours or days, and nobody hears of it
    before.
    Fix: lower backoffLimit (the default is 6), or end the Job with activeDeadlineSeconds.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
    Not: Jobs that count failures for each index, and Jobs with a deadline.
    """
    job = job_spec_of(batch)
    if job.backoff_limit > options.most and job.backoff_limit_per_index is None and job.active_deadline_seconds is None:
        yield Hit(f"fails only after {job.backoff_limit} retries", path=f"{job_path(batch)}.backoffLimit")
