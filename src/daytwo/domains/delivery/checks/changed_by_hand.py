"""The check `delivery/changed-by-hand`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from daytwo.catalog import check
from daytwo.domains.delivery.management import APPLIERS, management
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.metadata import ManagedField
from daytwo.model.moment import duration
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot

# kubectl's own names for who writes, one for each of its commands. A restart (kubectl-rollout) changes no declaration worth keeping.
# Source: k8s.io/kubectl, --field-manager of each command.
_BY_HAND: Final = frozenset({"kubectl", "kubectl-client-side-apply", "kubectl-edit", "kubectl-patch", "kubectl-replace", "kubectl-set"})
# Only what people declare: not labels, annotations or status.
_FIELDS: Final = frozenset({"spec", "template", "replicas"})


@check(Runnable, heading=Heading.DELIVERY, severity=Severity.MEDIUM, basis=Basis.STATE)
def changed_by_hand(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload that is delivered from Git and was changed with kubectl since.

    Why: the change is in no review and no history, and the next sync takes it back, at a moment that nobody chose.
    Fix: bring the change into Git, or sync to take it back now.
    Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
    Not: restarts; writes before the tool's last one, which it has taken over or left on purpose; workloads that no tool manages.
    managedFields tells the program and the time, not the person: that is in the audit log.
    """
    manager = management(subject, snapshot)
    if manager is None or not (manager.is_gitops or manager.tool == "Helm"):
        return
    applied: datetime | None = None
    latest: ManagedField | None = None
    for entry in subject.metadata.managed_fields:
        if entry.time is None:
            continue
        if entry.manager in APPLIERS and entry.subresource != "status":
            applied = max(applied or entry.time, entry.time)
        elif entry.manager in _BY_HAND and entry.subresource != "status" and _FIELDS.intersection(entry.fields):
            latest = entry if latest is None or latest.time is None or entry.time > latest.time else latest
    if applied is None or latest is None or latest.time is None or latest.time <= applied:
        return
    yield Hit(
        f"was changed with {_command(latest.manager)} {duration(snapshot.taken_at - latest.time)} ago, after {manager} had applied it",
        path="spec",
        item=latest.manager,
        fix="bring the change into Git, or sync to take it back",
        evidence=(Evidence(f"{latest.manager} wrote the spec", latest.time), Evidence(f"{manager} applied it", applied)),
        confirm=kubectl("get", subject.ref.kind.lower(), subject.name, "-o", "yaml", "--show-managed-fields", namespace=subject.namespace),
    )


def _command(manager: str) -> str:
    return "kubectl apply" if manager == "kubectl-client-side-apply" else manager.replace("-", " ", 1)
