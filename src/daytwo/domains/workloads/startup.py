"""A pod that has its node and still no container: whether volumes or the sandbox with its network hold it up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daytwo.domains.workloads import pods, volumes
from daytwo.model.event import Event
from daytwo.model.pod import Pod
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import VolumeAttachment

# Big images and slow attachments take their time.
PATIENCE: Final = timedelta(minutes=5)

VOLUME_EVENTS: Final = frozenset({"FailedMount", "FailedAttachVolume", "FailedMapVolume"})
SANDBOX_EVENTS: Final = frozenset({"FailedCreatePodSandBox", "NetworkNotReady", "FailedPodSandBoxStatus"})
# What the kubelet says only once volumes and sandbox are there.
PAST_EVENTS: Final = frozenset({"Pulling", "Pulled", "Created", "Started"})


@dataclass(frozen=True, slots=True)
class Standstill:
    """Since when a pod stands still on its node, the failures that events tell of (newest first), and attachments that failed."""

    since: datetime | None
    failures: tuple[Event, ...]
    attachments: tuple[VolumeAttachment, ...]

    @property
    def is_of_volumes(self) -> bool:
        """Whether a volume holds the pod up: the newest failure says so, or where no event is left, an attachment."""
        return self.failures[0].reason in VOLUME_EVENTS if self.failures else bool(self.attachments)


def standstill(pod: Pod, snapshot: Snapshot) -> Standstill | None:
    """A pod that came to its node five minutes ago and has started nothing; None for one that makes its way.

    An image that is being pulled is a way made, and so is a node that only just came or is about to go.
    """
    if pod.status.phase != "Pending" or not pod.spec.node_name or not is_unstarted(pod):
        return None
    sandbox = pod.condition("PodReadyToStartContainers")
    if sandbox is not None and sandbox.status == "True":
        return None
    since = pods.scheduled_at(pod)
    if since is not None and snapshot.taken_at - since < PATIENCE:
        return None
    events = snapshot.events_of(pod)
    failures = tuple(event for event in events if event.reason in VOLUME_EVENTS or event.reason in SANDBOX_EVENTS)
    progress = pods.newest(events, lambda event: event.reason in PAST_EVENTS)
    if progress is not None and progress.at is not None and all(event.at is None or event.at < progress.at for event in failures):
        return None
    if pods.has_settling_node(pod, snapshot):
        return None
    return Standstill(since, failures, volumes.failed_attachments(pod, snapshot))


def is_unstarted(pod: Pod) -> bool:
    """Whether no container of the pod ever ran and each waits for nothing but its creation; so does one whose kubelet says nothing."""
    return all(
        status.state.running is None
        and status.state.terminated is None
        and status.last_state.terminated is None
        and (status.state.waiting is None or status.waiting_reason in pods.NOT_STARTED_REASONS)
        for status in pod.statuses
    )
