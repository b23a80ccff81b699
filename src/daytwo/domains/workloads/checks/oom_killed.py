"""The check `workloads/oom-killed`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import pods, restarts
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.pod import ContainerStatus, Pod, Terminated
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

WINDOW: Final = timedelta(hours=24)


@check(Pod, heading=Heading.RESOURCES, severity=Severity.MEDIUM, harm=Harm.NONE, applies=pods.is_judged, basis=Basis.STATE)
def oom_killed(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that the kernel killed for lack of memory within the last day.

    Once may be chance; twice within the day, in this pod or in others of its workload, or in a crash loop, is a fault.

    Why: whatever the container was doing is lost, and it starts with an empty cache into the same load.
    Fix: raise the memory limit to what the container needs at its peak, or find the leak. Without a limit the node itself ran short.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/
    Not: exit code 137 without the reason OOMKilled (something else sent the signal), and a killed child process that leaves its
    container running (only the node's event SystemOOM tells).
    """
    for statuses in (pod.status.init_container_statuses, pod.status.container_statuses):
        for status in statuses:
            ends = _kills(status, snapshot.taken_at)
            if ends and not (pods.is_init(pod, status.name) and _has_succeeded(status)):
                yield _hit(pod, status, ends, snapshot)


def _kills(status: ContainerStatus, at: datetime) -> list[Terminated]:
    """The container's ends for lack of memory that are still visible, newest first: there are at most two."""
    if status.restart_count == 0 and status.state.terminated is None:
        return []
    ends = (status.state.terminated, status.last_state.terminated)
    return [
        end for end in ends if end is not None and end.reason == "OOMKilled" and (end.finished_at is None or at - end.finished_at < WINDOW)
    ]


def _has_succeeded(status: ContainerStatus) -> bool:
    return status.state.terminated is not None and status.state.terminated.exit_code == 0


def _hit(pod: Pod, status: ContainerStatus, ends: list[Terminated], snapshot: Snapshot) -> Hit:
    name = status.name
    is_fault = len(ends) > 1 or restarts.is_looping(pod, status, snapshot) or _another(pod, name, snapshot)
    lost = pods.lost_node(pod, snapshot)
    first = ends[-1].finished_at
    why = restarts.out_of_memory(pod, name)
    kills = tuple(
        Evidence(f"pod {pod.name}: {pods.role(pod, name)} ended OOMKilled, exit code {end.exit_code}", end.finished_at) for end in ends
    )
    return Hit(
        f"{pods.role(pod, name)} was killed: {why}",
        path=f"{pods.container_path(pod, name)}.resources.limits.memory",
        item=name,
        state="killed for lack of memory",
        why=why + pods.where(pod, name),
        since=Since(first, exact=status.restart_count <= 1) if first is not None else None,
        evidence=(*kills, Evidence(f"pod {pod.name}: {status.restart_count} restarts in all")),
        because=(lost,) if lost is not None else (),
        confirm=kubectl("logs", pod.name, "-c", name, "--previous", "--tail=50", namespace=pod.namespace),
        harm=Harm.ACTIVE if is_fault else Harm.NONE,
    )


def _another(pod: Pod, container: str, snapshot: Snapshot) -> bool:
    """Whether the same container was killed in another pod of the workload."""
    for other in snapshot.pods_of(snapshot.top_owner(pod)):
        if other is not pod and other.is_active:
            for status in other.statuses:
                if status.name == container and _kills(status, snapshot.taken_at):
                    return True
    return False
