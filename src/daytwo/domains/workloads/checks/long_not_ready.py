"""The check `workloads/long-not-ready`."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import cluster_dns, pods, probes, restarts
from daytwo.model.command import Command, kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.metadata import Condition
from daytwo.model.moment import span
from daytwo.model.pod import ContainerStatus, Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(minutes=15)
# A leader that has led for an hour is one; the others wait on purpose. More pods than this do not elect one leader to serve.
LEADS: Final = timedelta(hours=1)
MOST_CANDIDATES: Final = 50
OWN_CHECK: Final = pods.IMAGE_REASONS | pods.CREATION_REASONS | {"CrashLoopBackOff"}

_LEADER = re.compile(r"leader|master|primary|active", re.IGNORECASE)
_GATE = re.compile(r'readiness gate "([^"]+)"')


@check(Pod, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, harm=Harm.ACTIVE, applies=pods.is_judged, basis=Basis.STATE)
def long_not_ready(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod that runs but has not been ready for a quarter of an hour.

    Why: Services send it nothing, so the other replicas carry its load, and a rollout that waits for it stands still.
    Fix: the failed readiness probe says what does not answer. A pod on a node that is not ready comes back with its node.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate
    Not: a startup probe within its time, replicas that are ready only while they lead, containers that ended as they should,
    nodes that only just came or are about to go, and what crash-looping, image-not-pullable or container-not-created says.
    """
    if pod.status.phase not in ("Running", "Unknown"):
        return
    ready = pod.condition("Ready")
    if ready is None or ready.status == "True":
        return
    lost = pods.lost_node(pod, snapshot)
    if lost is None and not _is_old(ready, snapshot):
        return
    if any(status.waiting_reason in OWN_CHECK or restarts.is_looping(pod, status, snapshot) for status in pod.statuses):
        return
    unready = [status for status in pod.statuses if _is_unready(pod, status)]
    if lost is None:
        has_gate = ready.reason == "ReadinessGatesNotReady"
        if not unready and not has_gate:
            return
        if unready and all(_is_starting_up(pod, status, snapshot) for status in unready):
            return
        if pods.has_settling_node(pod, snapshot) or _stands_by(pod, unready, snapshot):
            return
    yield _hit(pod, ready, unready, lost, snapshot)


def _is_old(ready: Condition, snapshot: Snapshot) -> bool:
    return ready.last_transition_time is None or snapshot.taken_at - ready.last_transition_time >= PATIENCE


def _is_unready(pod: Pod, status: ContainerStatus) -> bool:
    """A container or sidecar that is not ready and not one that ended well and may stay so."""
    if status.ready or pods.is_init(pod, status.name):
        return False
    end = status.state.terminated
    if end is None or end.exit_code != 0:
        return True
    container = pods.container_of(pod, status.name)
    policy = container.restart_policy if container is not None and container.restart_policy else pod.spec.restart_policy
    return policy == "Always"


def _is_starting_up(pod: Pod, status: ContainerStatus, snapshot: Snapshot) -> bool:
    container = pods.container_of(pod, status.name)
    probe = container.startup_probe if container is not None else None
    if probe is None or status.started is True or status.state.running is None or status.state.running.started_at is None:
        return False
    allowed = span(probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold)
    return snapshot.taken_at - status.state.running.started_at < allowed


def _stands_by(pod: Pod, unready: list[ContainerStatus], snapshot: Snapshot) -> bool:
    """Whether it waits for its turn: one replica has led for long, and labels or the readiness probe speak of a leader."""
    if any(status.state.running is None for status in unready):
        return False
    members = [other for other in islice(snapshot.pods_of(snapshot.top_owner(pod)), MOST_CANDIDATES + 1) if other.is_active]
    leaders = [other for other in members if other.is_ready]
    if len(leaders) != 1 or len(members) > MOST_CANDIDATES:
        return False
    leader, led = leaders[0], leaders[0].condition("Ready")
    if led is None or led.last_transition_time is None or snapshot.taken_at - led.last_transition_time < LEADS:
        return False
    marks = (f"{key}={value}" for key, value in leader.labels.items() if pod.labels.get(key) != value and value != "false")
    if any(_LEADER.search(mark) for mark in marks):
        return True
    return any(_LEADER.search(probes.describe(pod, probes.READINESS, status.name)) for status in unready)


def _hit(pod: Pod, ready: Condition, unready: list[ContainerStatus], lost: Ref | None, snapshot: Snapshot) -> Hit:
    status = unready[0] if unready else None
    event = probes.failed_probe(pod, probes.READINESS, status.name, snapshot) if status is not None else None
    dns = cluster_dns.dead_dns(pod, snapshot) if event is not None and cluster_dns.is_failed_lookup(event.message) else None
    cause = lost or dns
    why = "its node is not ready" if lost is not None else _why(pod, ready, status, snapshot)
    evidence = [Evidence(f"pod {pod.name}: Ready {ready.status}{f', {ready.reason}' if ready.reason else ''}", ready.last_transition_time)]
    if lost is not None:
        evidence.append(Evidence(f"node {lost.name} is not ready"))
    else:
        if event is not None:
            evidence.append(Evidence(pods.brief(event.message), event.at))
        probe = probes.describe(pod, probes.READINESS, status.name) if status is not None else ""
        evidence.extend(Evidence(text) for text in (probe, pods.brief(ready.message) if status is None else "") if text)
    since = ready.last_transition_time
    return Hit(
        f"not ready: {why}",
        path=pods.container_path(pod, status.name) if status is not None and lost is None else "status.conditions",
        item=status.name if status is not None and lost is None else "",
        state="not ready",
        why=why,
        since=Since(since, exact=all(other.restart_count == 0 for other in pod.statuses)) if since is not None else None,
        evidence=tuple(evidence),
        because=(cause,) if cause is not None else (),
        confirm=_confirm(pod, lost, status, event is not None),
    )


def _why(pod: Pod, ready: Condition, status: ContainerStatus | None, snapshot: Snapshot) -> str:
    if status is None:
        gates = ", ".join(_GATE.findall(ready.message))
        return f"readiness gate {gates} has not passed" if gates else "a readiness gate has not passed"
    place = pods.where(pod, status.name)
    end = status.state.terminated
    if end is not None:
        return f"{restarts.why_ended(pod, status, end, snapshot)}{place} and is not restarted"
    return _why_container(pod, status, snapshot) + place


def _why_container(pod: Pod, status: ContainerStatus, snapshot: Snapshot) -> str:
    if status.state.waiting is not None:
        return f"waits ({status.waiting_reason})" if status.waiting_reason else "waits"
    container = pods.container_of(pod, status.name)
    if container is not None and container.startup_probe is not None and status.started is False:
        return probes.reading(probes.failed_probe(pod, probes.STARTUP, status.name, snapshot), probes.STARTUP)
    event = probes.failed_probe(pod, probes.READINESS, status.name, snapshot)
    if event is not None or (container is not None and container.readiness_probe is not None):
        return probes.reading(event, probes.READINESS)
    return "runs, but is not said to be ready"


def _confirm(pod: Pod, lost: Ref | None, status: ContainerStatus | None, has_event: bool) -> Command:
    if lost is not None:
        return kubectl("get", "node", lost.name, "-o", "wide")
    if has_event or status is None:
        return pods.show_events(pod)
    return kubectl("logs", pod.name, "-c", status.name, "--tail=50", namespace=pod.namespace)
