"""The check `control-plane/warning-events`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import Command, kubectl
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.kinds import kind_name
from daytwo.model.metadata import Resource
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolumeClaim
from daytwo.model.workload import DaemonSet, Deployment, Job, ReplicaSet, StatefulSet

WINDOW: Final = timedelta(hours=1)
_LONGEST: Final = 200
# Events about a node that a node which is ready has left behind; others, such as SystemOOM, stay true.
_OVER_ONCE_READY: Final = frozenset({"NodeNotReady", "InvalidDiskCapacity", "Rebooted", "KubeletSetupFailed", "NodeStatusUnknown"})


@check(Event, heading=Heading.OPERATIONS, severity=Severity.INFO, applies=lambda event: event.type == "Warning", basis=Basis.STATE)
def warning_events(event: Event, snapshot: Snapshot) -> Iterator[Hit]:
    """Warning events of the last hour, one line for each workload, kind of object and reason.

    Why: they are the cluster's own words for trouble. Where a fault is known they explain it; alone they are worth a look.
    Fix: read the newest message; the object's other events tell the rest.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
    Not: events about an object that is gone, that was made anew under its name, or that is fine now. Counts are lower bounds.
    """
    told = snapshot.once(_groups).get(_key(event, snapshot))
    if told is None or told.newest is not event:
        return
    about = event.involved_object
    message = " ".join(event.message.split())
    text = message if len(message) <= _LONGEST else f"{message[:_LONGEST].rstrip()}…"
    others = f" and {told.objects - 1} more" if told.objects > 1 else ""
    where = f"{event.reason} on {about.kind} {about.name}"
    yield Hit(
        f"{where}{others}: {text or 'no message'}",
        item=f"{about.kind}/{event.reason}",
        since=Since(told.first_at, exact=False) if told.first_at is not None else None,
        evidence=(Evidence(f"event {where}, at least {told.times} in the last hour: {text}", event.at),),
        confirm=_confirm(event),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    newest: Event
    objects: int
    times: int
    first_at: datetime | None


def _groups(snapshot: Snapshot) -> dict[tuple[str, Ref, str], _Group]:
    """Warning events that still hold, by kind of object, workload and reason."""
    members: dict[tuple[str, Ref, str], list[Event]] = {}
    for event in snapshot.seen(Event):
        if event.type == "Warning" and event.at is not None and snapshot.taken_at - event.at <= WINDOW and _holds(event, snapshot):
            members.setdefault(_key(event, snapshot), []).append(event)
    groups: dict[tuple[str, Ref, str], _Group] = {}
    for key, events in members.items():
        newest = max(events, key=lambda event: (event.at.timestamp() if event.at else 0.0, event.name))
        starts = [event.first_at for event in events if event.first_at is not None]
        names = {event.involved_object.name for event in events}
        groups[key] = _Group(newest, len(names), sum(event.times for event in events), min(starts, default=None))
    return groups


def _key(event: Event, snapshot: Snapshot) -> tuple[str, Ref, str]:
    return event.involved_object.kind, snapshot.top_owner(event), event.reason


def _holds(event: Event, snapshot: Snapshot) -> bool:
    """Whether the object is still there, the same one, and not fine by now."""
    about = event.involved_object
    ref = Ref(kind_name(about.api_version, about.kind), about.namespace, about.name)
    found = snapshot.find(ref)
    if found is None:
        return not snapshot.is_read(ref.kind, ref.namespace)
    # Kubelets write a node's name as its uid.
    is_same = not about.uid or not found.metadata.uid or about.uid in (found.metadata.uid, found.name)
    return is_same and not _is_fine(found, event, snapshot)


def _is_fine(resource: Resource, event: Event, snapshot: Snapshot) -> bool:
    match resource:
        case Pod():
            job = snapshot.owner(resource)
            # A failed attempt of work that is done by now.
            is_done = isinstance(job, Job) and job.status.completion_time is not None
            return is_done or resource.is_ready or resource.status.phase == "Succeeded"
        case ReplicaSet() | StatefulSet():
            return resource.status.ready_replicas >= resource.replicas
        case Deployment():
            return resource.status.available_replicas >= resource.replicas
        case DaemonSet():
            return resource.status.number_available >= resource.status.desired_number_scheduled
        case Job():
            return resource.status.completion_time is not None
        case PersistentVolumeClaim():
            return resource.status.phase == "Bound"
        case HorizontalPodAutoscaler():
            active, able = resource.condition("ScalingActive"), resource.condition("AbleToScale")
            return active is not None and active.status == "True" and able is not None and able.status == "True"
        case Node():
            return resource.is_ready and event.reason in _OVER_ONCE_READY
    return False


def _confirm(event: Event) -> Command:
    about = event.involved_object
    return kubectl("events", "--for", f"{about.kind.lower()}/{about.name}", namespace=about.namespace or "default")
