"""The check `workloads/rollout-stuck`."""

from collections.abc import Iterator
from datetime import datetime

from daytwo.catalog import check
from daytwo.domains.workloads.members import active_pods_of, current_replica_set
from daytwo.domains.workloads.pods import brief
from daytwo.domains.workloads.shortfall import earliest, shortfall
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.moment import span
from daytwo.model.pod import Pod
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, ReplicaSet, Rollout


@check(
    Deployment,
    Rollout,
    heading=Heading.DELIVERY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=lambda workload: workload.replicas > 0 and not workload.is_terminating,
    basis=Basis.STATE,
)
def rollout_stuck(workload: Deployment | Rollout, snapshot: Snapshot) -> Iterator[Hit]:
    """A rollout that made no progress within its deadline, or an Argo Rollout that is degraded.

    Why: users still run the old revision, perhaps on fewer replicas, and no later change reaches them before this one does.
    Fix: mend what keeps the new pods from getting ready, or go back to the revision before.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment
    Not: a replica lost after the rollout was complete never sets this condition; see workloads/under-replicated.
    """
    if isinstance(workload, Deployment):
        yield from _deployment(workload, snapshot)
    elif workload.status.phase == "Degraded":
        yield _degraded(workload)


def _deployment(deployment: Deployment, snapshot: Snapshot) -> Iterator[Hit]:
    progressing = deployment.condition("Progressing")
    if progressing is None or progressing.status != "False" or progressing.reason != "ProgressDeadlineExceeded":
        return
    if deployment.metadata.generation > deployment.status.observed_generation:
        # Something newer was asked for and nobody has looked at it yet.
        return
    current = current_replica_set(deployment, snapshot)
    pods = [pod for pod in active_pods_of(deployment, snapshot) if _is_of(pod, current)]
    broken = [pod for pod in pods if not pod.is_ready]
    wanted = current.replicas if current is not None else deployment.replicas
    short = shortfall(deployment, broken, wanted - len(pods) if current is not None else 0, snapshot)
    revision = f"revision {deployment.revision}" if deployment.revision else "the new revision"
    status = deployment.status
    old = status.available_replicas - _available(current, pods)
    left = f"; the old one still serves with {old} of {deployment.replicas}" if old > 0 and current is not None else ""
    started = progressing.last_transition_time
    evidence = Evidence(f"condition Progressing: ProgressDeadlineExceeded, {brief(progressing.message)}", started)
    yield Hit(
        f"{short.sentence(f'{revision} cannot roll out')}{left}",
        path="status.conditions[Progressing]",
        since=_last_progress(started, deployment.spec.progress_deadline_seconds) if started else None,
        evidence=(evidence, *short.evidence),
        because=short.because,
        confirm=short.confirm
        # Not `rollout status`: of a rollout past its deadline it reports an error.
        or kubectl(
            *("get", "deployment", deployment.name, "-o", 'jsonpath={.status.conditions[?(@.type=="Progressing")].message}'),
            namespace=deployment.namespace,
        ),
    )


def _last_progress(timed_out: datetime, deadline_seconds: int) -> Since:
    """The deadline runs from the last progress."""
    try:
        return Since(timed_out - span(deadline_seconds))
    except OverflowError:
        return Since(timed_out, exact=False)


def _is_of(pod: Pod, replica_set: ReplicaSet | None) -> bool:
    """Whether a pod is of this ReplicaSet; of any, where that could not be read."""
    return replica_set is None or (pod.controller is not None and pod.controller.uid == replica_set.metadata.uid)


def _available(current: ReplicaSet | None, pods: list[Pod]) -> int:
    return current.status.available_replicas if current is not None else sum(pod.is_ready for pod in pods)


def _degraded(rollout: Rollout) -> Hit:
    conditions = [condition for condition in rollout.status.conditions if _tells_of_fault(condition.type, condition.status)]
    starts = [Since(condition.last_transition_time, exact=False) for condition in conditions if condition.last_transition_time]
    message = brief(rollout.status.message)
    return Hit(
        f"its rollout is degraded: {message}" if message else "its rollout is degraded",
        path="status.phase",
        since=earliest(starts),
        evidence=(
            Evidence(f"Rollout {rollout.name}: phase Degraded{', ' + message if message else ''}"),
            *(Evidence(f"condition {one.type}: {one.reason}, {brief(one.message)}", one.last_transition_time) for one in conditions),
        ),
        confirm=kubectl("get", "rollouts.argoproj.io", rollout.name, "-o", "jsonpath={.status.message}", namespace=rollout.namespace),
    )


def _tells_of_fault(type: str, status: str) -> bool:
    return (type, status) in (("Progressing", "False"), ("InvalidSpec", "True"))
