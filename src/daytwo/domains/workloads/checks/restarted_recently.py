"""The check `workloads/restarted-recently`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import pods, restarts
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.pod import ContainerStatus, Pod, Terminated
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

RECENT: Final = timedelta(hours=1)
YOUNG: Final = timedelta(hours=24)
MANY: Final = 3


@check(Pod, heading=Heading.RELIABILITY, severity=Severity.LOW, applies=pods.is_judged, basis=Basis.STATE)
def restarted_recently(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that failed and was restarted within the last hour.

    One restart is hygiene. Three in a pod younger than a day, or one in every replica, happen again this week.

    Why: a restart heals the moment and hides the fault: the next one may come under load, or in all replicas at once.
    Fix: the exit code and the previous log say why it ended.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states
    Not: an end with exit code 0, a restart by a restart rule, pods of a Job, and a crash loop, which has its own check. The
    restarts of a rebooted node are given to the node.
    """
    for statuses in (pod.status.init_container_statuses, pod.status.container_statuses):
        for status in statuses:
            if status.restart_count == 0:
                continue
            end = status.last_state.terminated
            if end is None or end.finished_at is None or snapshot.taken_at - end.finished_at >= RECENT or end.exit_code == 0:
                continue
            if _has_succeeded(status) or restarts.is_looping(pod, status, snapshot) or not restarts.is_fault(pod, status, end):
                continue
            yield _hit(pod, status, end, snapshot)


def _has_succeeded(status: ContainerStatus) -> bool:
    """An init container that ended well keeps its count of restarts."""
    return status.state.terminated is not None and status.state.terminated.exit_code == 0


def _hit(pod: Pod, status: ContainerStatus, end: Terminated, snapshot: Snapshot) -> Hit:
    name = status.name
    rebooted = restarts.rebooted_node(pod, end, snapshot)
    cause = pods.lost_node(pod, snapshot) or rebooted
    why = "its node rebooted" if rebooted is not None else restarts.why_ended(pod, status, end, snapshot)
    is_young = pod.created is not None and snapshot.taken_at - pod.created < YOUNG
    recurs = rebooted is None and ((status.restart_count >= MANY and is_young) or _all_restarted(pod, name, snapshot))
    return Hit(
        f"{pods.role(pod, name)} was restarted: {why}",
        path=pods.container_path(pod, name),
        item=name,
        state="freshly restarted",
        why=why + ("" if rebooted is not None else pods.where(pod, name)),
        since=Since(end.finished_at, exact=status.restart_count == 1) if end.finished_at is not None else None,
        evidence=(
            Evidence(
                f"pod {pod.name}: {pods.role(pod, name)} last ended with exit code {end.exit_code} {end.reason}".rstrip(), end.finished_at
            ),
            Evidence(f"pod {pod.name}: {status.restart_count} {'restart' if status.restart_count == 1 else 'restarts'} in all"),
        ),
        because=(cause,) if cause is not None else (),
        confirm=kubectl("logs", pod.name, "-c", name, "--previous", "--tail=50", namespace=pod.namespace),
        harm=Harm.ONE_EVENT_AWAY if recurs else Harm.NONE,
    )


def _all_restarted(pod: Pod, container: str, snapshot: Snapshot) -> bool:
    """Whether the container failed within the hour in every pod of a workload of two or more; said once, for the first of them."""
    members = (other for other in snapshot.pods_of(snapshot.top_owner(pod)) if other.is_active)
    if next(members, None) is not pod:
        return False
    others = [_failed_lately(other, container, snapshot) for other in members]
    return bool(others) and all(others)


def _failed_lately(pod: Pod, container: str, snapshot: Snapshot) -> bool:
    for status in pod.statuses:
        end = status.last_state.terminated
        if status.name == container and end is not None and end.exit_code != 0 and end.finished_at is not None:
            return snapshot.taken_at - end.finished_at < RECENT
    return False
