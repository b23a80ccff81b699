"""The check `workloads/init-container-stuck`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import pods, probes, restarts
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.pod import ContainerStatus, Pod
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(minutes=10)
# Migrations run long: until then it may be at work.
LONG: Final = timedelta(hours=1)
OWN_CHECK: Final = pods.IMAGE_REASONS | pods.CREATION_REASONS | {"CrashLoopBackOff"}


@check(Pod, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, harm=Harm.ONE_EVENT_AWAY, applies=pods.is_starting, basis=Basis.STATE)
def init_container_stuck(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """An init container that has not ended, or a sidecar that has not started, after ten minutes: nothing behind it may start.

    Below an hour it may be at work, as migrations are; after an hour it counts as stuck.

    Why: the pod's containers start only when all init containers before them have ended and all sidecars have started.
    Fix: its log says what it waits for: often another service, a lock or a host name.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/init-containers/
    Not: an init container that crashes, or whose image or configuration is missing: those have their own checks.
    """
    if pod.status.phase != "Pending" or not pod.status.init_container_statuses:
        return
    status, before = _first_open(pod)
    if status is None or status.waiting_reason in OWN_CHECK or status.state.terminated is not None:
        return
    since = _since(status, before)
    if since is None or snapshot.taken_at - since < PATIENCE or restarts.is_looping(pod, status, snapshot):
        return
    is_long = snapshot.taken_at - since >= LONG
    why = _why(pod, status, is_long, snapshot)
    lost = pods.lost_node(pod, snapshot)
    yield Hit(
        why,
        path=pods.container_path(pod, status.name),
        item=status.name,
        state="waiting to start",
        why=why,
        since=Since(since, exact=status.restart_count == 0),
        evidence=tuple(_evidence(pod, status, since)),
        because=(lost,) if lost is not None else (),
        confirm=pods.show_events(pod)
        if status.state.running is None
        else kubectl("logs", pod.name, "-c", status.name, "--tail=50", namespace=pod.namespace),
        harm=Harm.ACTIVE if is_long else None,
    )


def _first_open(pod: Pod) -> tuple[ContainerStatus | None, list[ContainerStatus]]:
    """The first that has neither ended well nor, as a sidecar, started; and those before it."""
    statuses = list(pod.status.init_container_statuses)
    for index, status in enumerate(statuses):
        if pods.is_init(pod, status.name):
            end = status.state.terminated
            is_done = end is not None and end.exit_code == 0
        else:
            is_done = status.state.running is not None and status.started is not False
        if not is_done:
            return status, statuses[:index]
    return None, statuses


def _since(status: ContainerStatus, before: list[ContainerStatus]) -> datetime | None:
    """When it began to run, or could have: the first of all waits for sandbox and volumes, which other checks see."""
    if status.state.running is not None:
        return status.state.running.started_at
    times: list[datetime] = []
    for earlier in before:
        if earlier.state.terminated is not None and earlier.state.terminated.finished_at is not None:
            times.append(earlier.state.terminated.finished_at)
        if earlier.state.running is not None and earlier.state.running.started_at is not None:
            times.append(earlier.state.running.started_at)
    return max(times) if times else None


def _why(pod: Pod, status: ContainerStatus, is_long: bool, snapshot: Snapshot) -> str:
    called = pods.role(pod, status.name)
    if status.state.running is None:
        return f"{called} does not begin"
    if not pods.is_init(pod, status.name):
        event = probes.failed_probe(pod, probes.STARTUP, status.name, snapshot)
        return f"{called} has not started: {probes.reading(event, probes.STARTUP)}"
    return f"{called} does not end" if is_long else f"{called} is still running"


def _evidence(pod: Pod, status: ContainerStatus, since: datetime) -> Iterator[Evidence]:
    container = pods.container_of(pod, status.name)
    if status.state.running is not None:
        yield Evidence(f"pod {pod.name}: {pods.role(pod, status.name)} is running", since)
    else:
        yield Evidence(f"pod {pod.name}: {pods.role(pod, status.name)} is waiting, {status.waiting_reason or 'no reason given'}", since)
    if container is not None:
        words = " ".join((*container.command, *container.args))
        if words:
            yield Evidence(f"it runs: {pods.brief(words)}")
        yield Evidence(f"its image: {container.image}")
