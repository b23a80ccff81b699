"""What a Job and a CronJob have in common: the spec of the Job."""

from typing import Final

from daytwo.model.metadata import Resource
from daytwo.model.workload import CronJob, Job, JobSpec

Batch = Job | CronJob
BATCH_KINDS: Final = (Job, CronJob)

# Annotations of those who start a Job once and clean it up themselves.
_HOOKS: Final = ("helm.sh/hook", "argocd.argoproj.io/hook")


def job_spec_of(batch: Batch) -> JobSpec:
    return batch.spec.job_template.spec if isinstance(batch, CronJob) else batch.spec


def job_path(batch: Batch) -> str:
    """The path to the spec of the Job."""
    return "spec.jobTemplate.spec" if isinstance(batch, CronJob) else "spec"


def is_own(batch: Resource) -> bool:
    """Whether it is somebody's own, and not one of a CronJob's or an operator's, nor a hook of Helm or Argo CD."""
    return batch.controller is None and not any(hook in batch.annotations for hook in _HOOKS)
