"""The check `workloads/rollout-paused`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads.members import replica_sets_of
from daytwo.domains.workloads.shortfall import earliest
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, Rollout

PATIENCE: Final = timedelta(days=1)
# OpenKruise pauses the Deployments that it rolls out step by step, and resumes them itself.
_STEPPED: Final = "rollouts.kruise.io/in-progressing"


def _is_meant(workload: Deployment | Rollout) -> bool:
    is_paused = workload.spec.paused or (isinstance(workload, Rollout) and workload.status.phase == "Paused")
    return is_paused and workload.replicas > 0 and not workload.is_terminating and _STEPPED not in workload.annotations


@check(
    Deployment, Rollout, heading=Heading.DELIVERY, severity=Severity.MEDIUM, harm=Harm.ONE_EVENT_AWAY, applies=_is_meant, basis=Basis.STATE
)
def rollout_paused(workload: Deployment | Rollout, snapshot: Snapshot) -> Iterator[Hit]:
    """A rollout that has been paused for more than a day.

    Why: the next deploy seems to succeed and changes nothing; of a pause in the middle two revisions serve at once.
    Fix: resume it, or promote it with the tool that paused it.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment
    Not: Deployments that OpenKruise rolls out in steps.
    """
    since = _since(workload)
    if since is not None and snapshot.taken_at - since.at < PATIENCE:
        return
    serving = [one for one in replica_sets_of(workload, snapshot) if one.status.available_replicas > 0]
    between = f", with {len(serving)} revisions serving at once" if len(serving) > 1 else ""
    write = workload.last_write("paused")
    paused_by = f", last written by {write.manager}" if write is not None and write.manager else ""
    field = "spec.paused: true" if workload.spec.paused else "phase Paused"
    yield Hit(
        f"its rollout is paused{between}: the next deploy will change nothing",
        path="spec.paused" if workload.spec.paused else "status.phase",
        since=since,
        evidence=(
            Evidence(f"{workload.KIND} {workload.name}: {field}{paused_by}", since.at if since else None),
            *(Evidence(f"ReplicaSet {one.name} serves with {one.status.available_replicas}") for one in serving[:3] if between),
        ),
        confirm=kubectl("rollout", "history", f"deployment/{workload.name}", namespace=workload.namespace)
        if isinstance(workload, Deployment)
        else kubectl(
            "get", "rollouts.argoproj.io", workload.name, "-o", "jsonpath={.status.pauseConditions}", namespace=workload.namespace
        ),
    )


def _since(workload: Deployment | Rollout) -> Since | None:
    if isinstance(workload, Rollout):
        started = [Since(pause.start_time) for pause in workload.status.pause_conditions if pause.start_time is not None]
        if started:
            return earliest(started)
    else:
        progressing = workload.condition("Progressing")
        if progressing is not None and progressing.reason == "DeploymentPaused" and progressing.last_transition_time is not None:
            return Since(progressing.last_transition_time)
    write = workload.last_write("paused")
    # The entry's time moves with whatever else its manager writes.
    return Since(write.time, exact=False) if write is not None and write.time is not None else None
