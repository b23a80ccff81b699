"""The check `control-plane/csr-waiting`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.control_plane import CertificateSigningRequest
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.metadata import condition
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(minutes=10)
# Without these a node cannot join, or nobody can read its logs and metrics.
_OF_NODES: Final = {
    "kubernetes.io/kube-apiserver-client-kubelet": "a node cannot join or renew its identity",
    "kubernetes.io/kubelet-serving": "logs, exec and metrics of that node fail once its certificate ends",
}


@check(CertificateSigningRequest, heading=Heading.OPERATIONS, severity=Severity.MEDIUM, harm=Harm.ONE_EVENT_AWAY, basis=Basis.STATE)
def csr_waiting(request: CertificateSigningRequest, snapshot: Snapshot) -> Iterator[Hit]:
    """Certificate signing requests that nobody approved, or that no signer answered, for ten minutes or longer.

    Requests of one requestor to one signer are one finding, told on the oldest. Those that wait are deleted after 24 hours, so the
    count is of one day.
    Why: whoever asked goes without: a new node cannot join, a kubelet's certificate runs out.
    Fix: see why nothing approves them. Approve by hand only a kubelet-serving request of a node that exists, whose names are its own.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
    Not: requests that were denied.
    """
    state = _state(request, snapshot.taken_at)
    if not state:
        return
    alike = snapshot.once(_groups)[_key(request, state)]
    if request is not alike[0]:
        return
    count = len(alike)
    who = f"{count} signing request{'' if count == 1 else 's'} of {request.spec.username or 'an unknown user'}"
    consequence = _OF_NODES.get(request.spec.signer_name, "")
    failed = request.condition("Failed")
    detail = f": {failed.message}" if state == _FAILED and failed is not None and failed.message else ""
    yield Hit(
        f"{who} to {request.spec.signer_name} {state}{detail}{f'; {consequence}' if consequence else ''}",
        item=request.spec.signer_name,
        since=Since(request.created, exact=False) if request.created is not None else None,
        evidence=tuple(Evidence(f"signing request {one.name} {state}", one.created) for one in alike[:3]),
        because=(Ref("CertificateSigner", "", request.spec.signer_name),) if consequence else (),
        confirm=kubectl("get", "csr", "-o", "custom-columns=N:.metadata.name,S:.spec.signerName,U:.spec.username"),
        harm=None if consequence else Harm.NONE,
        severity=None if consequence else Severity.LOW,
    )


_WAITING: Final = "not approved by anybody"
_UNANSWERED: Final = "approved, but no certificate was issued"
_FAILED: Final = "failed at the signer"


def _state(request: CertificateSigningRequest, at: datetime) -> str:
    """What a request waits for; empty when it is answered, denied or young."""
    if request.condition("Failed") is not None:
        return _FAILED
    if request.status.has_certificate or request.condition("Denied") is not None:
        return ""
    approved = condition(request.status.conditions, "Approved")
    since = (approved.last_transition_time or approved.last_update_time) if approved is not None else request.created
    if since is not None and at - since < PATIENCE:
        return ""
    return _UNANSWERED if approved is not None else _WAITING


def _key(request: CertificateSigningRequest, state: str) -> tuple[str, str, str]:
    return request.spec.signer_name, request.spec.username, state


def _groups(snapshot: Snapshot) -> dict[tuple[str, str, str], list[CertificateSigningRequest]]:
    """The waiting requests by signer, requestor and state, oldest first."""
    groups: dict[tuple[str, str, str], list[CertificateSigningRequest]] = {}
    for request in snapshot.seen(CertificateSigningRequest):
        if state := _state(request, snapshot.taken_at):
            groups.setdefault(_key(request, state), []).append(request)
    for found in groups.values():
        found.sort(key=lambda request: (request.created.timestamp() if request.created is not None else 0.0, request.name))
    return groups
