"""Whether what a scanner reported is still about what runs."""

from datetime import timedelta
from typing import Annotated

import msgspec

from daytwo.model.gap import Gap, Unseen
from daytwo.model.image import parse_image
from daytwo.model.metadata import Resource
from daytwo.model.ref import Cell
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot
from daytwo.model.vulnerability import VulnerabilityReport
from daytwo.model.workload import ReplicaSet

Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]


def is_of_past(report: VulnerabilityReport, snapshot: Snapshot) -> bool:
    """Whether it is about a revision that runs no more."""
    owner = snapshot.owner(report)
    return isinstance(owner, ReplicaSet) and owner.spec.replicas == 0


def require_fresh(report: VulnerabilityReport, snapshot: Snapshot, most_days: int) -> None:
    """Raises Unseen for a report that is too old, or about another image than its container has now: it says nothing of today."""
    if report.updated is None or snapshot.taken_at - report.updated > timedelta(days=most_days):
        raise Unseen(_gap(report, f"older than {most_days} days"))
    owner = snapshot.owner(report)
    if owner is not None and not _is_about(report, owner):
        raise Unseen(_gap(report, "about another image than the one that is asked for now"))


def _is_about(report: VulnerabilityReport, owner: Resource) -> bool:
    if not isinstance(owner, Runnable):
        return True
    for placed in owner.all_containers():
        image = parse_image(placed.container.image) if placed.container.name == report.container else None
        if image is None:
            continue
        artifact = report.artifact
        if artifact.tag and image.tag:
            return artifact.tag == image.tag
        return not (image.digest and artifact.digest) or artifact.digest == image.digest
    return True


def _gap(report: VulnerabilityReport, reason: str) -> Gap:
    # The same words for all reports of a namespace, so that they become one unknown.
    return Gap("trivy-operator", "vulnerability reports", reason, Cell(VulnerabilityReport.KIND, report.namespace))
