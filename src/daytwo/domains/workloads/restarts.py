"""Restarts: which make a loop, which are on purpose, which came with the node, and why a container ended."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.domains.workloads import pods, probes
from daytwo.model.gap import Want
from daytwo.model.moment import span
from daytwo.model.pod import ContainerStatus, Pod, Terminated
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot

# The kubelet waits 10 s, doubling to 300 s, and forgets after 10 min of quiet; between two waits a looping container runs.
# Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts
LOOP_RESTARTS: Final = 3
LOOP_WINDOW: Final = timedelta(minutes=15)
SHORT_RUN: Final = timedelta(minutes=1)
SAME_TIME: Final = timedelta(minutes=1)
AFTER_BOOT: Final = timedelta(minutes=10)

_KILLED = re.compile(r"Container (\S+) failed (liveness|startup) probe")
_SIGNALS: Final = {
    129: "hung up (exit code 129, SIGHUP)",
    130: "interrupted (exit code 130, SIGINT)",
    132: "runs an instruction this processor lacks (exit code 132, SIGILL)",
    134: "aborts (exit code 134, SIGABRT)",
    135: "crashes on a bad memory access (exit code 135, SIGBUS)",
    136: "crashes on bad arithmetic (exit code 136, SIGFPE)",
    137: "killed, but not for its memory limit (exit code 137, SIGKILL)",
    139: "crashes on a bad memory access (exit code 139, SIGSEGV)",
    143: "told to stop (exit code 143, SIGTERM)",
}
_START_FAILURES: Final = (
    (re.compile(r"exec format error"), "image is built for another processor (exec format error)"),
    (re.compile(r'exec: "([^"]+)": executable file not found'), 'command "{}" is not in the image'),
    (re.compile(r'exec: "([^"]+)".*no such file or directory'), 'command "{}" is not in the image'),
    (re.compile(r'exec: "([^"]+)".*permission denied'), 'command "{}" may not be executed'),
    (re.compile(r"exec (\S+): no such file or directory"), 'command "{}" is not in the image'),
    (re.compile(r"no command specified"), "neither image nor pod names a command"),
    (re.compile(r'error mounting "[^"]*" to rootfs at "([^"]+)"'), "cannot mount {}"),
)


def is_looping(pod: Pod, status: ContainerStatus, snapshot: Snapshot) -> bool:
    """Whether a container crashes over and over: it waits to be restarted, or was restarted three times and just now.

    The second half sees a loop between two waits. A restart on purpose, a container that ended well and a node's reboot are none.
    """
    if status.waiting_reason == "CrashLoopBackOff":
        return True
    if status.restart_count < LOOP_RESTARTS:
        return False
    end = status.last_end
    if end is None or end.finished_at is None or snapshot.taken_at - end.finished_at >= LOOP_WINDOW:
        return False
    return is_fault(pod, status, end) and rebooted_node(pod, end, snapshot) is None


def is_fault(pod: Pod, status: ContainerStatus, end: Terminated) -> bool:
    """Whether this end of a container was unwanted. Exit code 0 is, when a container that should run for ever lasts under a minute."""
    if _is_wanted(pod, status, end):
        return False
    if end.exit_code != 0 or end.reason == "OOMKilled":
        return True
    if status.state.terminated is not None or pods.is_init(pod, status.name):
        return False
    return end.started_at is not None and end.finished_at is not None and end.finished_at - end.started_at < SHORT_RUN


def _is_wanted(pod: Pod, status: ContainerStatus, end: Terminated) -> bool:
    """Restart rules name exit codes that mean: again, please. One rule may restart all containers of the pod."""
    for container in (*pod.spec.containers, *pod.spec.init_containers):
        for rule in container.restart_policy_rules:
            if container.name == status.name and rule.matches(end.exit_code):
                return True
            if rule.action == "RestartAllContainers":
                ends = (other.last_end for other in pod.statuses if other.name == container.name)
                if any(other is not None and rule.matches(other.exit_code) for other in ends):
                    return True
    return False


def rebooted_node(pod: Pod, end: Terminated, snapshot: Snapshot) -> Ref | None:
    """The pod's node if its reboot ended the container: the node says so, or nearly everything on it ended at that time."""
    finished, name = end.finished_at, pod.spec.node_name
    if finished is None or not name:
        return None
    node = snapshot.node_of(pod)
    if node is not None:
        for event in snapshot.events_of(node):
            if event.reason == "Rebooted" and event.at is not None and abs(event.at - finished) <= AFTER_BOOT:
                return node.ref
    together = others = 0
    for other in snapshot.pods_on(name):
        if other is pod or not other.is_active or other.created is None or other.created >= finished:
            continue
        others += 1
        ends = (status.last_state.terminated for status in other.statuses)
        together += any(
            found is not None and found.finished_at is not None and abs(found.finished_at - finished) <= SAME_TIME for found in ends
        )
    return Ref("Node", "", name) if together >= 2 and together * 5 >= others * 4 else None


def why_ended(pod: Pod, status: ContainerStatus, end: Terminated, snapshot: Snapshot) -> str:
    """Why a container ended, as `out of memory (limit 256Mi)`: without counts, times or names of pods, so that alike pods say the same."""
    if end.reason == "OOMKilled":
        return out_of_memory(pod, status.name)
    return killed_by_probe(pod, status, end, snapshot) or start_failure(end.message) or exit_reading(end)


def out_of_memory(pod: Pod, container: str) -> str:
    limit = pod.limit(container, "memory")
    if limit is not None:
        return f"out of memory (limit {limit})"
    of_pod = pod.spec.resources.limits.get("memory") if pod.spec.resources is not None else None
    if of_pod is not None:
        return f"out of memory (limit {of_pod} of the whole pod)"
    return "out of memory (no limit of its own: its node ran short)"


def killed_by_probe(pod: Pod, status: ContainerStatus, end: Terminated, snapshot: Snapshot) -> str:
    """The failing probe for which the kubelet killed the container; empty when nothing says so."""
    for event in snapshot.events_of(pod):
        if event.reason != "Killing":
            continue
        found = _KILLED.search(event.message)
        if found is None or found.group(1) != status.name or event.at is None or end.finished_at is None:
            continue
        grace = span(pod.spec.termination_grace_period_seconds) + SAME_TIME
        if -SAME_TIME <= end.finished_at - event.at <= grace or end.exit_code in (137, 143):
            kind = found.group(2).capitalize()
            return probes.reading(probes.failed_probe(pod, kind, status.name, snapshot), kind)
    if end.exit_code in (137, 143):
        for kind in (probes.LIVENESS, probes.STARTUP):
            failed = probes.failed_probe(pod, kind, status.name, snapshot)
            if failed is not None:
                return probes.reading(failed, kind)
    return ""


def start_failure(message: str) -> str:
    """What the container runtime says when a command cannot even be started; empty for anything else."""
    for pattern, words in _START_FAILURES:
        found = pattern.search(message)
        if found is not None:
            return words.format(*found.groups())
    return ""


def exit_reading(end: Terminated) -> str:
    code = end.exit_code
    if end.reason in ("ContainerStatusUnknown", "Unknown"):
        return "ended unseen (its node or container runtime restarted)"
    if code == 0:
        return "ends with exit code 0, though it should keep running"
    if code == 127:
        return "command not found (exit code 127)"
    if code == 126:
        return "command cannot be executed (exit code 126)"
    if end.reason in ("StartError", "ContainerCannotRun"):
        return "cannot be started"
    return _SIGNALS.get(code, f"exits with code {code}")


def log_want(pod: Pod, container: str) -> Want:
    return Want("logs", f"{pod.namespace}/{pod.name}/{container}")


def log_lines(pod: Pod, container: str, snapshot: Snapshot) -> Iterator[str]:
    """The last lines of the crashed container where they were read; nothing where they were not."""
    want = log_want(pod, container)
    if want in snapshot.answered:
        for line in snapshot.answer(want):
            yield line.summary
