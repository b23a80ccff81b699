"""The check `storage/claim-lost`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolumeClaim


@check(PersistentVolumeClaim, heading=Heading.RELIABILITY, severity=Severity.CRITICAL, harm=Harm.ACTIVE)
def claim_lost(claim: PersistentVolumeClaim, snapshot: Snapshot) -> Iterator[Hit]:
    """A claim whose bound volume no longer exists.

    Why: the data on the volume is gone or out of reach, and no pod that uses the claim can start again.
    Fix: restore the volume from a backup under its old name, or restore the data into a new claim. Delete nothing before that.
    Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/
    """
    if claim.status.phase != "Lost":
        return
    events = [event for event in snapshot.events_of(claim) if event.reason == "ClaimLost"]
    since = events[-1].first_at if events else None
    yield Hit(
        f"its volume {claim.spec.volume_name} is gone: the data on it is lost",
        path="status.phase",
        since=Since(since) if since else None,
        evidence=(Evidence(f"claim {claim.name} is Lost, it was bound to volume {claim.spec.volume_name}", since),),
        confirm=kubectl("events", "--for", f"pvc/{claim.name}", namespace=claim.namespace),
    )
