"""The check `workloads/container-not-created`."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import configuration, pods, restarts
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.pod import ContainerStatus, Pod
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(minutes=2)

_REASONS: Final = (
    (re.compile(r"runAsNonRoot and image will run as root"), "the image runs as root, which the pod forbids (runAsNonRoot)"),
    (re.compile(r"image has non-numeric user"), "the image names its user, so that the pod's runAsNonRoot cannot be checked"),
    (re.compile(r"subPath"), "a subPath of a volume mount cannot be prepared"),
    (re.compile(r"is already in use|already reserved"), "an earlier container of this name is still known to the container runtime"),
    (re.compile(r"deadline exceeded|timed out", re.IGNORECASE), "the container runtime does not answer in time"),
    (re.compile(r"no space left on device"), "no space left on the node"),
)
_HOOKS: Final = {
    "PostStartHookError": "its postStart hook fails",
    "PreStartHookError": "its start hook fails",
    "PreCreateHookError": "its create hook fails",
}


@check(Pod, heading=Heading.RELIABILITY, severity=Severity.HIGH, harm=Harm.ACTIVE, applies=pods.is_starting, basis=Basis.STATE)
def container_not_created(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that its kubelet cannot create: most often it names a ConfigMap, Secret or key that does not exist.

    Why: the pod cannot start, and every new pod of the workload hangs in the same way.
    Fix: create what is missing, or correct the name; the pod then starts by itself.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/
    Not: what lasts less than two minutes, and a missing ConfigMap or Secret that is mounted as a volume (volume-not-mounted).
    Pods of a Job are judged: their Job would wait for ever without saying so.
    """
    for status in pods.waiting(pod, pods.CREATION_REASONS):
        failures = [event for event in snapshot.events_of(pod) if event.reason == "Failed" and event.message.startswith("Error: ")]
        since = pods.earliest(pods.unready_since(pod), failures)
        message = status.state.waiting.message if status.state.waiting is not None else ""
        missing = configuration.missing_object(message, pod)
        if pods.is_older(since, PATIENCE, snapshot) and not (missing is not None and configuration.is_back(missing, snapshot)):
            yield _hit(pod, status, message, missing, since, snapshot)


def _hit(
    pod: Pod, status: ContainerStatus, message: str, missing: configuration.Missing | None, since: Since | None, snapshot: Snapshot
) -> Hit:
    name, reason = status.name, status.waiting_reason
    lost = pods.lost_node(pod, snapshot)
    why = missing.why if missing is not None else _why(reason, message)
    evidence = [Evidence(f"pod {pod.name}: {pods.role(pod, name)} is waiting, {reason}")]
    if message:
        evidence.append(Evidence(pods.brief(message)))
    if missing is not None:
        evidence.append(configuration.evidence(missing, snapshot))
    return Hit(
        f"{pods.role(pod, name)} cannot be created: {why}",
        path=pods.container_path(pod, name),
        item=name,
        fix=missing.fix if missing is not None else "",
        state="unable to start",
        # A missing object is the same whichever container asks for it.
        why=why if missing is not None else why + pods.where(pod, name),
        since=since,
        evidence=tuple(evidence),
        because=pods.causes(lost, missing.ref if missing is not None else None),
        confirm=pods.show_waiting_message(pod, name),
    )


def _why(reason: str, message: str) -> str:
    known = _HOOKS.get(reason) or restarts.start_failure(message)
    return known or next((words for pattern, words in _REASONS if pattern.search(message)), f"its kubelet says {reason}")
