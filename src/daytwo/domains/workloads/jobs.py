"""What the checks of Jobs and CronJobs share: which runs belong together, how a run ended, and why it failed."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from daytwo.domains.workloads import pods, restarts
from daytwo.domains.workloads.members import pods_of
from daytwo.model.command import Command, kubectl
from daytwo.model.finding import Evidence
from daytwo.model.metadata import Condition, Resource
from daytwo.model.pod import Pod
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Job

_EXIT_POLICY: Final = re.compile(r"Container (?P<container>\S+) for pod \S+ failed with exit code (?P<code>\d+)")


def failure(job: Job) -> Condition | None:
    """The condition that says a Job failed for good. Failed pods alone say nothing: they may have been retried with success."""
    return _true(job, "Failed")


def is_complete(job: Job) -> bool:
    return _true(job, "Complete") is not None


def has_ended(job: Job) -> bool:
    return is_complete(job) or failure(job) is not None


def runs_of(owner_uid: str, snapshot: Snapshot) -> tuple[Job, ...]:
    """The Jobs that one CronJob (or another owner) made, as far as they were read and are still there, oldest first."""
    return snapshot.once(_by_owner).get(owner_uid, ()) if owner_uid else ()


def why_failed(job: Job, condition: Condition, snapshot: Snapshot) -> str:
    """Why a Job failed, to follow "failed: "."""
    last = pod_failure(job, snapshot)
    match condition.reason:
        case "BackoffLimitExceeded":
            if job.status.failed <= 1:
                return last or "its pod failed"
            tries = f"its pods failed {job.status.failed} times"
            return f"{tries}: {last}" if last else tries
        case "DeadlineExceeded":
            seconds = job.spec.active_deadline_seconds
            limit = f"it ran longer than the {seconds} s it may" if seconds is not None else "it ran longer than it may"
            return f"{limit}; {last}" if last else limit
        case "PodFailurePolicy":
            if match := _EXIT_POLICY.search(condition.message):
                return f"container {match['container']} exits with code {match['code']}, for which its failure policy gives up"
    words = pods.brief(condition.message) or condition.reason or "nothing says why"
    return f"{words}; {last}" if last and last not in words else words


def pod_failure(job: Job, snapshot: Snapshot) -> str:
    """Why the newest failed pod of a Job failed; empty when none is left."""
    failed = [pod for pod in pods_of(job, snapshot) if pod.status.phase == "Failed"]
    for pod in sorted(failed, key=_age):
        for status in pod.statuses:
            end = status.state.terminated
            if end is not None and end.exit_code != 0:
                return restarts.why_ended(pod, status, end, snapshot) + pods.where(pod, status.name)
        if pod.status.reason:
            return pods.brief(f"{pod.status.reason}: {pod.status.message}" if pod.status.message else pod.status.reason)
    return ""


def pod_evidence(job: Job, snapshot: Snapshot) -> tuple[Evidence, ...]:
    """How the newest failed pods of a Job ended."""
    found: list[Evidence] = []
    failed = [pod for pod in pods_of(job, snapshot) if pod.status.phase == "Failed"]
    for pod in sorted(failed, key=_age)[:2]:
        for status in pod.statuses:
            end = status.state.terminated
            if end is not None and end.exit_code != 0:
                reason = f"{end.reason}, " if end.reason else ""
                found.append(
                    Evidence(f"pod {pod.name}: {pods.role(pod, status.name)} ended {reason}exit code {end.exit_code}", end.finished_at)
                )
    return tuple(found)


def show_logs(job: Job, snapshot: Snapshot) -> Command:
    """The logs of its pods, or its conditions where no pod is left."""
    if pods_of(job, snapshot):
        return kubectl("logs", f"job/{job.name}", "--all-pods", "--tail=50", namespace=job.namespace)
    return kubectl("get", "job", job.name, "-o", "jsonpath={.status.conditions}", namespace=job.namespace)


def began(job: Job) -> datetime | None:
    return job.status.start_time or job.created


def _true(job: Job, type: str) -> Condition | None:
    found = job.condition(type)
    return found if found is not None and found.status == "True" else None


def _age(pod: Pod) -> float:
    """The newest first."""
    return -pod.created.timestamp() if pod.created is not None else 0.0


def _by_owner(snapshot: Snapshot) -> Mapping[str, tuple[Job, ...]]:
    runs: dict[str, list[Job]] = {}
    for job in snapshot.seen(Job):
        if job.controller is not None and job.controller.uid:
            runs.setdefault(job.controller.uid, []).append(job)

    def creation(job: Resource) -> float:
        return job.created.timestamp() if job.created is not None else 0.0

    return {uid: tuple(sorted(found, key=creation)) for uid, found in runs.items()}
