"""The check `storage/volume-released`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolume, StorageClass

_DELETING: Final = timedelta(minutes=10)
_FORGOTTEN: Final = timedelta(days=7)
_BY_HAND: Final = "kubernetes.io/no-provisioner"


@check(PersistentVolume, heading=Heading.RESOURCES, severity=Severity.LOW, harm=Harm.NONE, basis=Basis.STATE)
def volume_released(volume: PersistentVolume, snapshot: Snapshot) -> Iterator[Hit]:
    """A volume that no claim uses any more: kept and forgotten, or to be deleted and still there.

    Why: it costs money, and it may hold data that somebody believes deleted, or needs. A volume that cannot be deleted means that
    its driver fails.
    Fix: decide about the data, then delete the volume or bind it again; where deleting fails, see the driver's message.
    Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
    Not: volumes kept for less than seven days, deletions younger than ten minutes, and unused volumes of a pool made by hand for
    local disks.
    """
    phase = volume.status.phase
    at = volume.status.last_phase_transition_time
    # Without a time the phase is older than the field: long enough for any of these.
    lasting = snapshot.taken_at - at if at is not None else timedelta.max
    policy = volume.spec.persistent_volume_reclaim_policy
    former = volume.spec.claim_ref
    whose = f"claim {former.namespace}/{former.name}" if former is not None else "no claim"
    since = Since(at) if at is not None else None
    confirm = kubectl("get", "pv", volume.name, "-o", "jsonpath={.status}")
    fact = Evidence(f"volume {volume.name}: phase {phase}, reclaim policy {policy}, was bound to {whose}", at)
    if phase == "Failed":
        detail = f": {volume.status.message.strip().splitlines()[0]}" if volume.status.message.strip() else ""
        yield Hit(
            f"giving it back failed{detail}",
            path="status.phase",
            fix="see the storage driver's message; the deletion is tried again once its cause is gone",
            since=since,
            evidence=(fact,),
            confirm=confirm,
            severity=Severity.MEDIUM,
        )
    elif phase == "Released" and policy == "Delete" and lasting > _DELETING:
        driver = volume.spec.csi.driver if volume.spec.csi is not None else "its driver"
        yield Hit(
            f"it should have been deleted with {whose}, and {driver} has not done so",
            path="status.phase",
            fix=f"see whether the pods of {driver} run and what they log",
            since=since,
            evidence=(fact,),
            confirm=confirm,
            severity=Severity.MEDIUM,
        )
    elif phase == "Released" and policy == "Retain" and lasting > _FORGOTTEN:
        yield Hit(
            f"it is kept although {whose} is gone",
            path="status.phase",
            since=since,
            evidence=(fact,),
            confirm=confirm,
        )
    elif phase == "Available" and former is None and lasting > _FORGOTTEN and not _is_of_pool(volume, snapshot):
        yield Hit(
            "no claim uses it",
            path="status.phase",
            since=since,
            evidence=(fact,),
            confirm=confirm,
            severity=Severity.INFO,
        )


def _is_of_pool(volume: PersistentVolume, snapshot: Snapshot) -> bool:
    """Whether it is one of several local disks laid out for claims to come."""
    found = snapshot.find(Ref(StorageClass.KIND, "", volume.spec.storage_class_name))
    return volume.spec.node_affinity is not None or (isinstance(found, StorageClass) and found.provisioner == _BY_HAND)
