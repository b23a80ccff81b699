"""The check `storage/claim-pending`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.storage.users import users_of
from daytwo.model.command import kubectl
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.nearness import nearest
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import SELECTED_NODE, PersistentVolume, PersistentVolumeClaim, StorageClass

_PATIENCE: Final = timedelta(minutes=5)
# How classes were named before the field existed; it still outranks the field.
_CLASS_ANNOTATION: Final = "volume.beta.kubernetes.io/storage-class"
_BY_HAND: Final = "kubernetes.io/no-provisioner"
_COMPLAINTS: Final = frozenset({"ProvisioningFailed", "VolumeMismatch"})


@dataclass(frozen=True, slots=True)
class _Reason:
    why: str
    because: tuple[Ref, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    path: str = ""
    fix: str = ""


@check(PersistentVolumeClaim, heading=Heading.RELIABILITY, severity=Severity.HIGH, harm=Harm.ACTIVE, basis=Basis.STATE)
def claim_pending(claim: PersistentVolumeClaim, snapshot: Snapshot) -> Iterator[Hit]:
    """A claim that has had no volume for five minutes, with the reason: its class, its provisioner, or nothing that fits.

    Why: a pod that uses it cannot start.
    Fix: name a storage class that exists, mend the provisioner, or make a volume that fits. Never delete the claim of a workload
    that has run before.
    Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
    Not: a claim that waits for its first consumer while no pod uses it; while its pod is not scheduled the pod is the cause. A claim
    that no pod uses yet hurts nobody: hygiene.
    """
    if claim.status.phase != "Pending" or claim.is_terminating:
        return
    pods = tuple(pod for pod in users_of(claim.ref, snapshot) if not pod.is_terminating)
    begun = claim.created
    if begun is not None and pods and all(pod.created is not None for pod in pods) and _waits_for_consumer(claim, snapshot):
        begun = max(begun, min(pod.created for pod in pods if pod.created is not None))
    if begun is not None and snapshot.taken_at - begun < _PATIENCE:
        return
    reason = _reason(claim, pods, snapshot)
    if reason is None:
        return
    is_used = bool(pods) or not snapshot.is_read(Pod.KIND, claim.namespace)
    evidence = [*reason.evidence, *(Evidence(f"pod {pod.name} waits for claim {claim.name}", pod.created) for pod in pods[:3])]
    yield Hit(
        f"no volume for it: {reason.why}",
        path=reason.path,
        fix=reason.fix,
        since=Since(begun) if begun is not None else None,
        evidence=tuple(evidence),
        because=reason.because,
        confirm=kubectl("events", "--for", f"pvc/{claim.name}", namespace=claim.namespace),
        harm=Harm.ACTIVE if is_used else Harm.NONE,
        severity=None if is_used else Severity.LOW,
    )


def _reason(claim: PersistentVolumeClaim, pods: tuple[Pod, ...], snapshot: Snapshot) -> _Reason | None:
    """Why it is pending; None when that is meant. Raises Unseen where that cannot be told."""
    if claim.spec.volume_name:
        return _of_named_volume(claim, snapshot)
    name = _class_name(claim)
    if name is None:
        return _without_class(claim, snapshot)
    if name == "":
        return _of_static_volumes(claim, "without a storage class", snapshot)
    storage_class = snapshot.get(StorageClass, "", name)
    if storage_class is None:
        return _of_missing_class(claim, name, snapshot)
    if _waits_for_consumer(claim, snapshot) and SELECTED_NODE not in claim.annotations:
        snapshot.require(Pod.KIND, claim.namespace)
        return _of_its_pods(pods, snapshot)
    if storage_class.provisioner == _BY_HAND:
        return _of_static_volumes(claim, f"of storage class {name}", snapshot)
    return _of_provisioner(claim, storage_class, snapshot)


def _of_named_volume(claim: PersistentVolumeClaim, snapshot: Snapshot) -> _Reason:
    name = claim.spec.volume_name
    volume = snapshot.get(PersistentVolume, "", name)
    if volume is None:
        missing = Evidence(f"claim {claim.name}: spec.volumeName is {name}, and there is no such PersistentVolume")
        return _Reason(
            f"volume {name}, which it names, does not exist", (Ref(PersistentVolume.KIND, "", name),), (missing,), "spec.volumeName"
        )
    holder = volume.spec.claim_ref
    if holder is not None and (holder.namespace, holder.name) != (claim.namespace, claim.name):
        held = Evidence(f"volume {name}: spec.claimRef is {holder.namespace}/{holder.name}")
        return _Reason(f"volume {name}, which it names, belongs to claim {holder.namespace}/{holder.name}", (), (held,), "spec.volumeName")
    complaint = _complaint(claim, snapshot)
    detail = f": {_line(complaint)}" if complaint is not None else ""
    return _Reason(f"volume {name}, which it names, does not fit{detail}", (), _told(complaint), "spec.volumeName")


def _without_class(claim: PersistentVolumeClaim, snapshot: Snapshot) -> _Reason:
    defaults = [known for known in snapshot.of(StorageClass) if known.is_default]
    evidence = _told(next((event for event in snapshot.events_of(claim) if event.reason == "FailedBinding"), None))
    if defaults:
        return _Reason(f"no storage class was set when it was made, and {defaults[0].name}, the default now, was not taken", (), evidence)
    return _Reason(
        "it names no storage class, there is no default one, and no free volume fits",
        (),
        evidence or (Evidence(f"claim {claim.name}: spec.storageClassName is absent, and no StorageClass is the default"),),
        "spec.storageClassName",
        "name a storage class, or mark one as the default",
    )


def _of_static_volumes(claim: PersistentVolumeClaim, which: str, snapshot: Snapshot) -> _Reason:
    size = claim.spec.resources.requests.get("storage", "")
    asked = " ".join(str(part) for part in (size, "/".join(claim.spec.access_modes)) if part)
    event = next((event for event in snapshot.events_of(claim) if event.reason == "FailedBinding"), None)
    return _Reason(
        f"no free volume {which} fits{f' ({asked})' if asked else ''}",
        (),
        _told(event) or (Evidence(f"claim {claim.name} waits for a volume made by hand"),),
        fix="make a PersistentVolume that fits; volumes of this kind are not made by themselves",
    )


def _of_missing_class(claim: PersistentVolumeClaim, name: str, snapshot: Snapshot) -> _Reason:
    if any(volume.spec.storage_class_name == name for volume in snapshot.seen(PersistentVolume)):
        # A class name without an object is how volumes made by hand are told apart.
        return _of_static_volumes(claim, f"of class {name}", snapshot)
    known = [one.name for one in snapshot.seen(StorageClass)]
    meant = nearest(name, known)
    return _Reason(
        f"storage class {name} does not exist",
        (Ref(StorageClass.KIND, "", name),),
        (*_told(_complaint(claim, snapshot)), Evidence(f"storage classes here: {', '.join(known[:5]) or 'none'}")),
        "spec.storageClassName",
        f"name storage class {meant}: a claim's class cannot be changed, so the claim must be made anew" if meant else "",
    )


def _of_its_pods(pods: tuple[Pod, ...], snapshot: Snapshot) -> _Reason | None:
    """A claim that binds once a pod that uses it has a node."""
    waiting = [pod for pod in pods if not pod.spec.scheduling_gates]
    if not waiting:
        return None
    placed = next((pod for pod in waiting if pod.spec.node_name), None)
    if placed is not None:
        return _Reason(
            f"pod {placed.name} was put on node {placed.spec.node_name} past the scheduler, so nobody chooses where the volume goes",
            (snapshot.top_owner(placed),),
            (Evidence(f"pod {placed.name}: spec.nodeName is {placed.spec.node_name}, and the claim has no selected node"),),
            fix="use a node selector instead of spec.nodeName",
        )
    return _Reason(
        "it is made where its pod goes, and that is not scheduled",
        (snapshot.top_owner(waiting[0]),),
        (Evidence(f"pod {waiting[0].name} has no node yet", waiting[0].created),),
    )


def _of_provisioner(claim: PersistentVolumeClaim, storage_class: StorageClass, snapshot: Snapshot) -> _Reason:
    provisioner = storage_class.provisioner
    complaint = _complaint(claim, snapshot)
    if complaint is not None:
        why, evidence = f"provisioner {provisioner} fails: {_line(complaint)}", _told(complaint)
    else:
        waiting = next((event for event in snapshot.events_of(claim) if event.reason in ("ExternalProvisioning", "Provisioning")), None)
        why = f"provisioner {provisioner} has not answered"
        evidence = _told(waiting) or (Evidence(f"storage class {storage_class.name} leaves it to provisioner {provisioner}"),)
    # One claim may ask for something odd; when several wait, it is the provisioner.
    alike = snapshot.once(_waiting_by_class).get(storage_class.name, 0)
    return _Reason(why, (storage_class.ref,) if alike > 1 else (), evidence, fix=f"see whether the pods of provisioner {provisioner} run")


def _waiting_by_class(snapshot: Snapshot) -> dict[str, int]:
    """How many claims of each class wait for its provisioner."""
    found: dict[str, int] = {}
    for claim in snapshot.seen(PersistentVolumeClaim):
        name = _class_name(claim)
        is_late = claim.created is None or snapshot.taken_at - claim.created >= _PATIENCE
        if claim.status.phase != "Pending" or claim.is_terminating or claim.spec.volume_name or not name or not is_late:
            continue
        if SELECTED_NODE in claim.annotations or not _waits_for_consumer(claim, snapshot):
            found[name] = found.get(name, 0) + 1
    return found


def _waits_for_consumer(claim: PersistentVolumeClaim, snapshot: Snapshot) -> bool:
    found = snapshot.find(Ref(StorageClass.KIND, "", _class_name(claim) or ""))
    return isinstance(found, StorageClass) and found.volume_binding_mode == "WaitForFirstConsumer"


def _class_name(claim: PersistentVolumeClaim) -> str | None:
    """The class it asks for; empty for none at all, None for the default one."""
    return claim.annotations.get(_CLASS_ANNOTATION, claim.spec.storage_class_name)


def _complaint(claim: PersistentVolumeClaim, snapshot: Snapshot) -> Event | None:
    for event in snapshot.events_of(claim):
        if event.reason in _COMPLAINTS or (event.reason == "FailedBinding" and event.type == "Warning"):
            return event
    return None


def _told(event: Event | None) -> tuple[Evidence, ...]:
    return (Evidence(f"event {event.reason}: {_line(event)}", event.at),) if event is not None else ()


def _line(event: Event) -> str:
    return event.message.strip().partition("\n")[0][:200]
