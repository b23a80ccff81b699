"""The check `readiness/progress-deadline-too-short`."""

from collections.abc import Iterator
from math import ceil

from daytwo.catalog import check
from daytwo.domains.readiness.probes import start_allowance_seconds
from daytwo.domains.readiness.subjects import has_own_template
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, Rollout


@check(Deployment, Rollout, heading=Heading.DELIVERY, severity=Severity.MEDIUM, applies=has_own_template)
def progress_deadline_too_short(workload: Deployment | Rollout, snapshot: Snapshot) -> Iterator[Hit]:
    """A rollout is declared failed while its pods may still be starting.

    Why: the deadline ends before a pod has used up the time that its own probes and minReadySeconds allow; pipelines then report a
    failure, or roll back, though nothing is wrong.
    Fix: set progressDeadlineSeconds above the time that a start may take.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progress-deadline-seconds
    Not: time that no probe speaks of, such as pulling the image.
    """
    deadline = workload.spec.progress_deadline_seconds
    if deadline is None:
        deadline = 600
    allowed, container = max(
        ((start_allowance_seconds(placed), placed.container.name) for placed in workload.running_containers()), default=(0, "")
    )
    needed = allowed + workload.spec.min_ready_seconds
    if deadline > needed:
        return
    why = [f"container {container} may take {allowed} s to start"] if allowed else []
    if workload.spec.min_ready_seconds:
        why.append(
            f"must then stay ready for {workload.spec.min_ready_seconds} s"
            if why
            else f"a pod must stay ready for {workload.spec.min_ready_seconds} s"
        )
    # Whole minutes, and at least one for pulling and scheduling.
    mended = 60 * (ceil(needed / 60) + 1)
    path = "spec.progressDeadlineSeconds"
    yield Hit(f"a rollout has failed after {deadline} s without progress, but {' and '.join(why)}", path, repair=setting(path, mended))
