"""The check `storage/attachment-stuck`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.storage.users import users_of
from daytwo.model.command import Command, kubectl
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolume, PersistentVolumeClaim, VolumeAttachment
from daytwo.model.workload import Deployment

# How long the attach-detach controller waits before it detaches by force.
_FORCED: Final = timedelta(minutes=6)
# The first tries may fail while a node comes up.
_RETRIED: Final = timedelta(minutes=2)
_WAIT: Final = "the controller detaches by force after six minutes; if the old pod still runs on a ready node, delete that pod"


@dataclass(frozen=True, slots=True)
class _Stuck:
    """What is wrong, what was told about it and when; `holder` is the pod that uses the volume where it is."""

    message: str
    told: str
    told_at: datetime | None = None
    since: datetime | None = None
    holder: Pod | None = None


@check(VolumeAttachment, heading=Heading.RELIABILITY, severity=Severity.HIGH, harm=Harm.ACTIVE, basis=Basis.STATE)
def attachment_stuck(attachment: VolumeAttachment, snapshot: Snapshot) -> Iterator[Hit]:
    """A volume that does not get onto its node, does not come off it, or is held there while a pod elsewhere needs it.

    Why: a volume for one node at a time keeps its pod waiting until the old node lets go.
    Fix: wait six minutes for the forced detach; delete the old pod if its node is ready; a lost node must be proved off first.
    Never delete a VolumeAttachment by hand: two writers on one volume lose data.
    Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
    Not: attaching and detaching without an error, and a node that left less than six minutes ago. While no pod waits for the volume
    nobody is hurt; the next pod would be.
    """
    pods = _pods(attachment.spec.source.persistent_volume_name, snapshot)
    stuck = _stuck(attachment, pods, snapshot)
    if stuck is None:
        return
    node, holder = attachment.spec.node_name, stuck.holder
    evidence = [Evidence(f"VolumeAttachment {attachment.name}: {stuck.told}", stuck.told_at)]
    fix = _WAIT
    if holder is not None:
        evidence.append(Evidence(f"pod {holder.name} on node {node} uses it{', and is terminating' if holder.is_terminating else ''}"))
        if snapshot.top_owner(holder).kind == Deployment.KIND and not holder.is_terminating:
            fix = "old and new pod of a rolling update want one volume: use strategy Recreate, or a volume that several nodes can use"
    is_waited_for = any(pod.status.phase == "Pending" for pod in pods) or not snapshot.is_read(Pod.KIND)
    yield Hit(
        stuck.message,
        path="status",
        fix=fix,
        since=Since(stuck.since, exact=False) if stuck.since is not None else None,
        evidence=tuple(evidence),
        because=(Ref(Node.KIND, "", node),) if _is_lost(node, snapshot) else (),
        confirm=_read_attachments(),
        harm=Harm.ACTIVE if is_waited_for else Harm.ONE_EVENT_AWAY,
        severity=None if is_waited_for else Severity.MEDIUM,
    )


def _stuck(attachment: VolumeAttachment, pods: tuple[Pod, ...], snapshot: Snapshot) -> _Stuck | None:
    volume, node = attachment.spec.source.persistent_volume_name, attachment.spec.node_name
    deleted = attachment.metadata.deletion_timestamp
    if deleted is not None:
        error = attachment.status.detach_error
        if error is None or snapshot.taken_at - deleted < _FORCED:
            return None
        told = _line(error.message)
        return _Stuck(f"volume {volume} does not come off node {node}: {told}", told, error.time, deleted)
    if not attachment.status.attached:
        error = attachment.status.attach_error
        if error is None or (attachment.created is not None and snapshot.taken_at - attachment.created < _RETRIED):
            return None
        told = _line(error.message)
        return _Stuck(f"volume {volume} cannot be attached to node {node}: {told}", told, error.time, attachment.created)
    refused = _refused_elsewhere(node, pods, snapshot)
    if refused is not None:
        pod, event = refused
        holder = next((other for other in pods if other.spec.node_name == node), None)
        message = f"volume {volume} is held on node {node} while pod {pod.name} on node {pod.spec.node_name} waits for it"
        return _Stuck(message, _line(event.message), event.at, event.first_at, holder)
    if _is_node_gone(attachment, snapshot):
        return _Stuck(f"volume {volume} is still attached to node {node}, which is gone", f"there is no node {node}")
    return None


def _refused_elsewhere(node: str, pods: tuple[Pod, ...], snapshot: Snapshot) -> tuple[Pod, Event] | None:
    """A pod on another node to which the controller will not attach the volume while this node holds it."""
    for pod in pods:
        if pod.spec.node_name in ("", node) or pod.status.phase != "Pending" or pod.is_terminating:
            continue
        for event in snapshot.events_of(pod):
            if event.reason == "FailedAttachVolume" and "Multi-Attach" in event.message:
                begun = event.first_at
                if begun is not None and snapshot.taken_at - begun >= _FORCED:
                    return pod, event
    return None


def _is_node_gone(attachment: VolumeAttachment, snapshot: Snapshot) -> bool:
    """Whether the node does not exist. Raises Unseen when nodes were not read."""
    if snapshot.get(Node, "", attachment.spec.node_name) is not None:
        return False
    return attachment.created is None or snapshot.taken_at - attachment.created >= _FORCED


def _is_lost(name: str, snapshot: Snapshot) -> bool:
    """Whether a node is gone, not ready or silent; not told where nodes could not be read."""
    node = snapshot.find(Ref(Node.KIND, "", name))
    if isinstance(node, Node):
        ready = node.condition("Ready")
        return ready is not None and ready.status != "True"
    return snapshot.is_read(Node.KIND)


def _claim(volume: str, snapshot: Snapshot) -> Ref | None:
    found = snapshot.find(Ref(PersistentVolume.KIND, "", volume))
    if not isinstance(found, PersistentVolume) or found.spec.claim_ref is None:
        return None
    return Ref(PersistentVolumeClaim.KIND, found.spec.claim_ref.namespace, found.spec.claim_ref.name)


def _pods(volume: str, snapshot: Snapshot) -> tuple[Pod, ...]:
    claim = _claim(volume, snapshot)
    return users_of(claim, snapshot) if claim is not None else ()


def _read_attachments() -> Command:
    columns = "PV:.spec.source.persistentVolumeName,NODE:.spec.nodeName,ATTACHED:.status.attached"
    return kubectl("get", "volumeattachment", "-o", f"custom-columns={columns}")


def _line(message: str) -> str:
    return message.strip().partition("\n")[0][:200]
