"""What the pod checks share: which pods are judged at all, what their nodes do to them, and since when they are in trouble."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from daytwo.model.command import Command, kubectl
from daytwo.model.event import Event
from daytwo.model.finding import Since
from daytwo.model.node import Node
from daytwo.model.pod import ContainerStatus, Pod
from daytwo.model.pod_spec import Container
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot

# Why a container waits, as the kubelet says it.
# Source: https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/images/types.go
IMAGE_REASONS: Final = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)
CREATION_REASONS: Final = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "PreCreateHookError",
        "PreStartHookError",
        "PostStartHookError",
    }
)
NOT_STARTED_REASONS: Final = frozenset({"ContainerCreating", "PodInitializing"})

NEW_NODE: Final = timedelta(minutes=10)
FRESH_CORDON: Final = timedelta(hours=1)
# A pod whose Ready condition has not moved since it was made was never ready.
NEVER_READY: Final = timedelta(minutes=2)


def causes(*proven: Ref | None) -> tuple[Ref, ...]:
    """Every cause that is proven: which of them came first, and so owns the finding, is the review's to say."""
    return tuple(ref for ref in proven if ref is not None)


def is_of_job(pod: Pod) -> bool:
    return any(owner.controller and owner.kind == "Job" for owner in pod.metadata.owner_references)


def is_judged(pod: Pod) -> bool:
    """Neither finished nor terminating nor a Job's.

    A Job answers for its pods: it retries them, and may still succeed. Mirror pods are judged, they are the control plane.
    """
    return pod.metadata.deletion_timestamp is None and pod.status.phase not in ("Succeeded", "Failed") and not is_of_job(pod)


def is_starting(pod: Pod) -> bool:
    """Neither finished nor terminating. A Job's pod that can never start counts: no condition of the Job would ever say so."""
    return pod.metadata.deletion_timestamp is None and pod.status.phase not in ("Succeeded", "Failed")


# -- its node ---------------------------------------------------------------------------------------------------------


def lost_node(pod: Pod, snapshot: Snapshot) -> Ref | None:
    """The pod's node if that is not ready or silent: it then owns every symptom of the pod.

    Where nodes cannot be read, the mark of the node controller proves it: Ready turned False without a reason, while all
    containers still say that they run and are ready.
    """
    if not pod.spec.node_name:
        return None
    node = snapshot.node_of(pod)
    if node is not None:
        ready = node.condition("Ready")
        if ready is not None and ready.status != "True":
            return node.ref
    ready = pod.condition("Ready")
    if ready is None or ready.status != "False" or ready.reason:
        return None
    statuses = pod.status.container_statuses
    if statuses and all(status.ready and status.state.running is not None for status in statuses):
        return Ref("Node", "", pod.spec.node_name)
    return None


def has_settling_node(pod: Pod, snapshot: Snapshot) -> bool:
    """Whether the pod's node comes or goes on purpose: younger than ten minutes, just cordoned for a drain, or being removed."""
    node = snapshot.node_of(pod)
    return node is not None and (node.is_leaving or _is_new(node, snapshot) or _is_freshly_cordoned(node, snapshot))


def _is_new(node: Node, snapshot: Snapshot) -> bool:
    return node.created is not None and snapshot.taken_at - node.created < NEW_NODE


def _is_freshly_cordoned(node: Node, snapshot: Snapshot) -> bool:
    if not node.spec.unschedulable:
        return False
    taint = node.taint("node.kubernetes.io/unschedulable")
    return taint is not None and taint.time_added is not None and snapshot.taken_at - taint.time_added < FRESH_CORDON


# -- its containers ---------------------------------------------------------------------------------------------------


def container_of(pod: Pod, name: str) -> Container | None:
    for container in (*pod.spec.containers, *pod.spec.init_containers):
        if container.name == name:
            return container
    return None


def is_init(pod: Pod, name: str) -> bool:
    """An init container that has to end; a native sidecar is none."""
    return any(container.name == name and not container.is_sidecar for container in pod.spec.init_containers)


def role(pod: Pod, name: str) -> str:
    """`container app`, `init container migrate`, `sidecar proxy`."""
    for container in pod.spec.init_containers:
        if container.name == name:
            return f"sidecar {name}" if container.is_sidecar else f"init container {name}"
    return f"container {name}"


def where(pod: Pod, name: str) -> str:
    """` in init container migrate`; nothing for the only container of a pod, which needs no name."""
    is_only = len(pod.spec.containers) == 1 and pod.spec.containers[0].name == name
    return "" if is_only and not pod.spec.init_containers else f" in {role(pod, name)}"


def container_path(pod: Pod, name: str) -> str:
    """The field of the pod that holds a container."""
    field = "initContainers" if any(container.name == name for container in pod.spec.init_containers) else "containers"
    return f"spec.{field}[{name}]"


def waiting(pod: Pod, reasons: frozenset[str]) -> list[ContainerStatus]:
    """The containers that wait for one of these reasons."""
    status = pod.status
    found = [container for container in status.container_statuses if container.waiting_reason in reasons]
    if status.init_container_statuses:
        found[:0] = [container for container in status.init_container_statuses if container.waiting_reason in reasons]
    return found


# -- since when -------------------------------------------------------------------------------------------------------


def unready_since(pod: Pod) -> Since | None:
    """When the pod was last ready: exact where it never was, since a Ready condition that flipped tells only of the last time."""
    ready = pod.condition("Ready")
    if ready is None or ready.status == "True" or ready.last_transition_time is None:
        return Since(pod.created, exact=False) if pod.created is not None and ready is None else None
    began = pod.created
    return Since(ready.last_transition_time, exact=began is not None and ready.last_transition_time - began < NEVER_READY)


def earliest(since: Since | None, events: Iterable[Event]) -> Since | None:
    """The earlier of a time and the first of these events; an event is never exact, older ones may be gone."""
    times = [event.first_at for event in events if event.first_at is not None]
    if not times:
        return since
    first = min(times)
    return since if since is not None and since.at <= first else Since(first, exact=False)


def is_older(since: Since | None, least: timedelta, snapshot: Snapshot) -> bool:
    """Whether something lasts long enough to count; what has no time is taken to."""
    return since is None or snapshot.taken_at - since.at >= least


def scheduled_at(pod: Pod) -> datetime | None:
    """When it came to its node."""
    scheduled = pod.condition("PodScheduled")
    if scheduled is not None and scheduled.status == "True" and scheduled.last_transition_time is not None:
        return scheduled.last_transition_time
    return pod.status.start_time or pod.created


# -- telling ----------------------------------------------------------------------------------------------------------


def brief(text: str, most: int = 200) -> str:
    """A message on one line and of bearable length."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def newest(events: Iterable[Event], is_meant: Callable[[Event], bool]) -> Event | None:
    """The first of some events, which come newest first, that is meant."""
    return next((event for event in events if is_meant(event)), None)


def show_events(pod: Pod) -> Command:
    return kubectl("events", "--for", f"pod/{pod.name}", namespace=pod.namespace)


def show_waiting_message(pod: Pod, name: str) -> Command:
    """The kubelet's own words about why a container waits."""
    is_of_init = any(container.name == name for container in pod.spec.init_containers)
    field = "initContainerStatuses" if is_of_init else "containerStatuses"
    path = f'{{.status.{field}[?(@.name=="{name}")].state.waiting.message}}'
    return kubectl("get", "pod", pod.name, "-o", f"jsonpath={path}", namespace=pod.namespace)
