"""The check `workloads/volume-not-mounted`."""

import re
from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import configuration, pods, startup, volumes
from daytwo.model.command import Command, kubectl
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import VolumeAttachment

_VOLUME = re.compile(r'for volume "([^"]+)"')
_DRIVER = re.compile(r"driver(?: name)? (\S+) not found in the list of registered CSI drivers")
_CLAIM = re.compile(r'persistentvolumeclaim "([^"]+)" (not found|is not bound|is being deleted)', re.IGNORECASE)
_FAILURES: Final = (
    (re.compile(r"deadline exceeded|timed out|timeout", re.IGNORECASE), "storage does not answer in time"),
    (re.compile(r"permission denied|access denied|unauthorized", re.IGNORECASE), "storage refuses access"),
    (re.compile(r"connection refused|no route to host|no such host", re.IGNORECASE), "storage cannot be reached"),
    (re.compile(r"wrong fs type|bad superblock|fsck|corrupt", re.IGNORECASE), "its file system cannot be read"),
    (
        re.compile(r"hostPath type check failed|is not a directory|no such file or directory", re.IGNORECASE),
        "its path does not exist on the node",
    ),
)
# The summary that the kubelet adds to the real failure.
_SUMMARY = "unmounted volumes="


@check(Pod, heading=Heading.RELIABILITY, severity=Severity.HIGH, harm=Harm.ACTIVE, applies=pods.is_starting, basis=Basis.STATE)
def volume_not_mounted(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod that waits on its node for a volume that cannot be attached or mounted.

    Why: no container starts before all volumes are there. A volume that still hangs on a lost node moves only after minutes, or not at all.
    Fix: create the ConfigMap or Secret that is missing, free the volume where it is still attached, or repair the storage.
    Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
    Not: the first five minutes, and nodes that only just came or are about to go.
    """
    if pod.status.phase != "Pending":
        return
    found = startup.standstill(pod, snapshot)
    if found is None or not found.is_of_volumes:
        return
    event = _telling(found)
    message = event.message if event is not None else ""
    named = _VOLUME.search(message)
    volume = volumes.own_name(named.group(1) if named is not None else "", pod, snapshot)
    missing = configuration.missing_object(message, pod)
    if missing is not None and configuration.is_back(missing, snapshot):
        return
    why, because, evidence = _conclusion(pod, message, volume, missing, found, snapshot)
    told = (Evidence(pods.brief(message, 300), event.at),) if event is not None else ()
    cause = pods.lost_node(pod, snapshot) or because
    yield Hit(
        f"waits for a volume: {why}",
        path=f"spec.volumes[{volume}]" if volume else "spec.volumes",
        item=volume,
        fix=missing.fix if missing is not None else "",
        state="waiting for a volume",
        why=why,
        since=Since(found.since) if found.since is not None else None,
        evidence=(*told, *evidence),
        because=pods.causes(pods.lost_node(pod, snapshot), because),
        confirm=_confirm(pod, cause),
    )


def _telling(found: startup.Standstill) -> Event | None:
    """The newest failure that names its cause: the kubelet repeats a summary between the real ones."""
    failures = [event for event in found.failures if event.reason in startup.VOLUME_EVENTS]
    return next((event for event in failures if _SUMMARY not in event.message), failures[0] if failures else None)


def _conclusion(
    pod: Pod, message: str, volume: str, missing: configuration.Missing | None, found: startup.Standstill, snapshot: Snapshot
) -> tuple[str, Ref | None, list[Evidence]]:
    if missing is not None:
        return missing.why, missing.ref, [configuration.evidence(missing, snapshot)]
    called = f"volume {volume}" if volume else "a volume"
    if "Multi-Attach" in message:
        return _held_elsewhere(pod, message, called, volume, snapshot)
    driver = _DRIVER.search(message)
    if driver is not None:
        return f"{called}: CSI driver {driver.group(1)} does not run on the node", Ref("CSIDriver", "", driver.group(1)), []
    claimed = _CLAIM.search(message)
    if claimed is not None:
        return f"claim {claimed.group(1)} {claimed.group(2)}", Ref("PersistentVolumeClaim", pod.namespace, claimed.group(1)), []
    if found.attachments and (not message or "Attach" in message):
        attachment = found.attachments[0]
        error = attachment.status.attach_error
        words = error.message if error is not None else message
        told = [Evidence(f"VolumeAttachment {attachment.name}: {pods.brief(words)}", error.time if error is not None else None)]
        return f"{called} cannot be attached{_how(words)}", attachment.ref, told
    claim = volumes.claim_of(pod, volume, snapshot)
    lost = claim.ref if claim is not None and claim.status.phase == "Lost" else None
    return f"{called} cannot be {'attached' if 'AttachVolume' in message else 'mounted'}{_how(message)}", lost, []


def _how(message: str) -> str:
    return next((f": {words}" for pattern, words in _FAILURES if pattern.search(message)), "")


def _held_elsewhere(pod: Pod, message: str, called: str, volume: str, snapshot: Snapshot) -> tuple[str, Ref | None, list[Evidence]]:
    """A volume for one node at a time that another node still holds: that node's fault if it is lost, else the attachment's."""
    named = _VOLUME.search(message)
    name = named.group(1) if named is not None else ""
    here, claim = pod.spec.node_name, volumes.claim_name(pod, volume)
    attachments = [
        attachment
        for attachment in snapshot.seen(VolumeAttachment)
        if attachment.spec.source.persistent_volume_name == name and attachment.spec.node_name != here
    ]
    holders = [other for other in snapshot.seen(Pod, pod.namespace) if other.spec.node_name not in ("", here) and _uses(other, claim)]
    evidence = [Evidence(f"VolumeAttachment {attachment.name} holds it on node {attachment.spec.node_name}") for attachment in attachments]
    evidence += [Evidence(f"pod {holder.name} on node {holder.spec.node_name} uses claim {claim} too") for holder in holders]
    for node in dict.fromkeys([*(attachment.spec.node_name for attachment in attachments), *(holder.spec.node_name for holder in holders)]):
        if _is_lost(node, snapshot):
            return f"{called} is still attached to a node that is lost", Ref("Node", "", node), evidence
    is_in_use = any(not holder.is_terminating for holder in holders)
    held = "in use by a pod on another node, and is for one node at a time" if is_in_use else "still attached to another node"
    if attachments:
        return f"{called} is {held}", attachments[0].ref, evidence
    return f"{called} is {held}", Ref("PersistentVolume", "", name) if name else None, evidence


def _uses(pod: Pod, claim: str) -> bool:
    return bool(claim) and not pod.is_finished and claim in pod.spec.claim_names(pod.name)


def _is_lost(name: str, snapshot: Snapshot) -> bool:
    """Whether a node is gone, not ready or silent; not known where nodes could not be read."""
    node = snapshot.find(Ref("Node", "", name))
    if isinstance(node, Node):
        ready = node.condition("Ready")
        return ready is not None and ready.status != "True"
    return snapshot.is_read("Node")


def _confirm(pod: Pod, cause: Ref | None) -> Command:
    if cause is not None and cause.kind in ("VolumeAttachment", "PersistentVolume"):
        columns = "PV:.spec.source.persistentVolumeName,NODE:.spec.nodeName,ATTACHED:.status.attached"
        return kubectl("get", "volumeattachment", "-o", f"custom-columns={columns}")
    return pods.show_events(pod)
