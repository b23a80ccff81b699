"""A pod's own volumes, and the claims, PersistentVolumes and attachments behind them."""

from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolume, PersistentVolumeClaim, VolumeAttachment


def claim_name(pod: Pod, volume: str) -> str:
    """The claim of one of the pod's volumes; empty for a volume of another sort."""
    for candidate in pod.spec.volumes:
        if candidate.name == volume:
            if candidate.persistent_volume_claim is not None:
                return candidate.persistent_volume_claim.claim_name
            return f"{pod.name}-{volume}" if candidate.ephemeral is not None else ""
    return ""


def claim_of(pod: Pod, volume: str, snapshot: Snapshot) -> PersistentVolumeClaim | None:
    name = claim_name(pod, volume)
    found = snapshot.find(Ref("PersistentVolumeClaim", pod.namespace, name)) if name else None
    return found if isinstance(found, PersistentVolumeClaim) else None


def persistent_volumes(pod: Pod, snapshot: Snapshot) -> dict[str, str]:
    """PersistentVolume → the pod's volume that claims it, as far as claims were read."""
    found: dict[str, str] = {}
    for volume in pod.spec.volumes:
        claim = claim_of(pod, volume.name, snapshot)
        if claim is not None and claim.spec.volume_name:
            found[claim.spec.volume_name] = volume.name
    return found


def own_name(name: str, pod: Pod, snapshot: Snapshot) -> str:
    """The pod's own name for a volume that a message calls by either name: that of a PersistentVolume differs from pod to pod."""
    if any(volume.name == name for volume in pod.spec.volumes):
        return name
    told = persistent_volumes(pod, snapshot).get(name)
    if told is not None:
        return told
    volume = snapshot.find(Ref("PersistentVolume", "", name))
    if isinstance(volume, PersistentVolume) and volume.spec.claim_ref is not None:
        claim = volume.spec.claim_ref.name
        return next((mine.name for mine in pod.spec.volumes if claim_name(pod, mine.name) == claim), "")
    claimed = [mine.name for mine in pod.spec.volumes if claim_name(pod, mine.name)]
    return claimed[0] if len(claimed) == 1 else ""


def failed_attachments(pod: Pod, snapshot: Snapshot) -> tuple[VolumeAttachment, ...]:
    """The attachments of the pod's volumes to its node that failed."""
    mine = persistent_volumes(pod, snapshot)
    if not mine:
        return ()
    return tuple(
        attachment
        for attachment in snapshot.seen(VolumeAttachment)
        if attachment.spec.node_name == pod.spec.node_name
        and attachment.spec.source.persistent_volume_name in mine
        and not attachment.status.attached
        and attachment.status.attach_error is not None
    )
