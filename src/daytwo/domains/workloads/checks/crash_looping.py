"""The check `workloads/crash-looping`."""

from collections.abc import Iterable, Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import cluster_dns, pods, probes, restarts
from daytwo.model.command import Command, kubectl
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.gap import Want
from daytwo.model.pod import ContainerStatus, Pod, Terminated
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

MOST_LOGS: Final = 20
NEVER_STARTED: Final = frozenset({"StartError", "ContainerCannotRun"})


def wants(snapshot: Snapshot) -> Iterable[Want]:
    """The log of one crashed container for each workload and container; none where nothing ran or the kubelet is silent."""
    found: dict[tuple[Ref, str], Want] = {}
    for pod in snapshot.seen(Pod):
        if not pods.is_judged(pod):
            continue
        for status in _looping(pod, snapshot):
            end = status.last_end
            if end is not None and end.reason not in NEVER_STARTED and pods.lost_node(pod, snapshot) is None:
                found.setdefault((snapshot.top_owner(pod), status.name), restarts.log_want(pod, status.name))
    return sorted(found.values())[:MOST_LOGS]


@check(Pod, heading=Heading.RELIABILITY, severity=Severity.HIGH, harm=Harm.ACTIVE, applies=pods.is_judged, wants=wants, basis=Basis.STATE)
def crash_looping(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that ends again and again soon after its start.

    It waits in CrashLoopBackOff, or it was restarted three times or more and last ended within 15 minutes: between two waits a
    looping container runs.

    Why: the pod serves nothing while the container is down, and the kubelet waits up to five minutes before each new try.
    Fix: the exit code, the last lines of the previous log and the last change say why it ends. Undo the change if it came with one.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts
    Not: pods of a Job (the Job retries them and answers for them), restarts by a restart rule, a node's reboot, an init
    container that succeeded in the end.
    """
    for status in _looping(pod, snapshot):
        yield _hit(pod, status, snapshot)


def _looping(pod: Pod, snapshot: Snapshot) -> Iterator[ContainerStatus]:
    for statuses in (pod.status.init_container_statuses, pod.status.container_statuses):
        for status in statuses:
            if (status.restart_count or status.state.waiting is not None) and restarts.is_looping(pod, status, snapshot):
                yield status


def _hit(pod: Pod, status: ContainerStatus, snapshot: Snapshot) -> Hit:
    name, end = status.name, status.last_end
    lines = tuple(restarts.log_lines(pod, name, snapshot))
    lookup = next((text for text in (end.message if end else "", *lines) if cluster_dns.is_failed_lookup(text)), "")
    dns = cluster_dns.dead_dns(pod, snapshot) if lookup else None
    why = "a name lookup fails and cluster DNS has no ready endpoint" if dns is not None else _why(pod, status, lines, snapshot)
    return Hit(
        f"{pods.role(pod, name)} is crash-looping: {why}",
        path=_path(pod, name, end),
        item=name,
        fix=_fix(end),
        state="crash-looping",
        why=why + pods.where(pod, name),
        since=_since(pod, status, snapshot),
        evidence=tuple(_evidence(pod, status, end, lookup, snapshot)),
        because=pods.causes(pods.lost_node(pod, snapshot), dns),
        confirm=_confirm(pod, name, end),
    )


def _why(pod: Pod, status: ContainerStatus, lines: tuple[str, ...], snapshot: Snapshot) -> str:
    end = status.last_end
    if end is None:
        return "how it ended is not told"
    # A wrong processor ends with 1 or 255 and tells only the log.
    logged = restarts.start_failure("\n".join(lines)) if end.exit_code in (1, 255) and end.reason != "OOMKilled" else ""
    return logged or restarts.why_ended(pod, status, end, snapshot)


def _since(pod: Pod, status: ContainerStatus, snapshot: Snapshot) -> Since | None:
    back_offs = [event for event in snapshot.events_of(pod) if _is_back_off(event, status.name)]
    since = pods.earliest(pods.unready_since(pod), back_offs)
    if since is None and status.last_end is not None and status.last_end.finished_at is not None:
        return Since(status.last_end.finished_at, exact=False)
    return since


def _is_back_off(event: Event, container: str) -> bool:
    # The back-off of an image pull has the same reason.
    field = event.involved_object.field_path
    return event.reason == "BackOff" and "restarting failed container" in event.message and (not field or f"{{{container}}}" in field)


def _evidence(pod: Pod, status: ContainerStatus, end: Terminated | None, lookup: str, snapshot: Snapshot) -> Iterator[Evidence]:
    name = status.name
    if end is not None:
        reason = f"{end.reason}, " if end.reason else ""
        yield Evidence(f"pod {pod.name}: {pods.role(pod, name)} last ended {reason}exit code {end.exit_code}", end.finished_at)
        if end.message:
            yield Evidence(f"its last words: {pods.brief(end.message)}", end.finished_at)
    yield Evidence(f"pod {pod.name}: {status.restart_count} {'restart' if status.restart_count == 1 else 'restarts'}")
    if lookup:
        yield Evidence(f"it says: {pods.brief(lookup)}")
    for kind in (probes.LIVENESS, probes.STARTUP):
        event = probes.failed_probe(pod, kind, name, snapshot)
        if event is not None:
            yield Evidence(pods.brief(event.message), event.at)
            yield Evidence(probes.describe(pod, kind, name) or f"{kind.lower()} probe of container {name}")


def _path(pod: Pod, name: str, end: Terminated | None) -> str:
    field = pods.container_path(pod, name)
    return f"{field}.resources.limits.memory" if end is not None and end.reason == "OOMKilled" else field


def _fix(end: Terminated | None) -> str:
    if end is not None and end.reason == "OOMKilled":
        return "raise the memory limit, or find what makes the container need more than before"
    return ""


def _confirm(pod: Pod, name: str, end: Terminated | None) -> Command:
    if end is not None and end.reason in NEVER_STARTED:
        return pods.show_events(pod)
    return kubectl("logs", pod.name, "-c", name, "--previous", "--tail=50", namespace=pod.namespace)
