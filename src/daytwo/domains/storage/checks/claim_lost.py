"""The check `storage/claim-lost`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.storage.users import users_of
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolume, PersistentVolumeClaim


@check(PersistentVolumeClaim, heading=Heading.RELIABILITY, severity=Severity.CRITICAL, harm=Harm.ACTIVE, basis=Basis.STATE)
def claim_lost(claim: PersistentVolumeClaim, snapshot: Snapshot) -> Iterator[Hit]:
    """A claim whose bound volume no longer exists, or belongs to another claim.

    Why: the data on the volume is gone or out of reach, and no pod that uses the claim can start again.
    Fix: restore the volume from a backup under its old name, or restore the data into a new claim. Delete nothing before that.
    Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
    Not: claims that are being deleted, such as the staging claims of volume populators.
    """
    if claim.status.phase != "Lost" or claim.is_terminating:
        return
    name = claim.spec.volume_name
    # The controller writes the event once, as the phase changes.
    event = next((event for event in snapshot.events_of(claim) if event.reason in ("ClaimLost", "ClaimMisbound")), None)
    since = event.first_at if event is not None else None
    volume = snapshot.find(Ref(PersistentVolume.KIND, "", name))
    if volume is None and event is None and name:
        # Gone, or bound to another claim: only the volumes tell.
        volume = snapshot.get(PersistentVolume, "", name)
    severity: Severity | None = None
    fix = ""
    if isinstance(volume, PersistentVolume) and volume.spec.claim_ref is not None and volume.spec.claim_ref.uid != claim.metadata.uid:
        holder = f"{volume.spec.claim_ref.namespace}/{volume.spec.claim_ref.name}"
        message = f"its volume {name} is bound to another claim, {holder}"
        fix = f"make a new claim with the data it needs; volume {name} stays with {holder}"
        severity = Severity.HIGH
    elif event is not None and event.reason == "ClaimMisbound":
        message = f"its volume {name} is bound to another claim"
        severity = Severity.HIGH
    elif not name:
        message = "it no longer says which volume it was bound to: the data on it is out of reach"
    elif volume is not None:
        # The phase does not change back by itself once a volume of that name returns.
        message = f"its volume {name} was gone for a while: the claim stays lost, and what the volume holds now is not known"
    else:
        message = f"its volume {name} is gone: the data on it is lost"
    evidence = [Evidence(f"claim {claim.name} is Lost, it was bound to volume {name or '(no name)'}", since)]
    pods = users_of(claim.ref, snapshot)
    evidence.extend(Evidence(f"pod {pod.name} uses it ({pod.status.phase})") for pod in pods[:3])
    yield Hit(
        message,
        path="status.phase",
        fix=fix,
        since=Since(since) if since is not None else None,
        evidence=tuple(evidence),
        confirm=kubectl("events", "--for", f"pvc/{claim.name}", namespace=claim.namespace),
        severity=severity,
    )
