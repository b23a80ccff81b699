"""The check `certificates/managed-certificate-not-ready`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.certificates.use import use_of
from daytwo.model.command import kubectl
from daytwo.model.config import Secret
from daytwo.model.control_plane import ManagedCertificate
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

# An issuer that asks for proof over DNS takes some minutes.
PATIENCE: Final = timedelta(minutes=15)


@check(ManagedCertificate, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, harm=Harm.ONE_EVENT_AWAY, basis=Basis.STATE)
def managed_certificate_not_ready(certificate: ManagedCertificate, snapshot: Snapshot) -> Iterator[Hit]:
    """A cert-manager Certificate that is not Ready for 15 minutes or longer.

    Why: there is no valid certificate behind it, or the one there is does not match what is asked for.
    Fix: follow the chain: Certificate, CertificateRequest, Order, Challenge; the first one that fails says why.
    Source: https://cert-manager.io/docs/troubleshooting/
    """
    ready = certificate.condition("Ready")
    if ready is None or ready.status != "False":
        return
    since = ready.last_transition_time
    if since is not None and snapshot.taken_at - since < PATIENCE:
        return
    ends = certificate.status.not_after
    is_without = ends is None or ends <= snapshot.taken_at
    use = use_of(Ref(Secret.KIND, certificate.namespace, certificate.spec.secret_name), snapshot)
    issuing = certificate.condition("Issuing")
    why = issuing.message if issuing is not None and issuing.reason == "Failed" and issuing.message else ready.message or ready.reason
    evidence = [Evidence(f"Certificate {certificate.name}: Ready is False, {ready.reason}: {ready.message}", since)]
    if issuing is not None and issuing.message:
        evidence.append(
            Evidence(f"Certificate {certificate.name}: Issuing is {issuing.status}: {issuing.message}", issuing.last_transition_time)
        )
    state = "was never issued" if ends is None else "has expired" if is_without else "is not as asked for"
    is_hurt = is_without and use.is_exposed
    yield Hit(
        f"certificate {certificate.name} {state}, {use.words}: {why or 'no reason is given'}",
        path="status.conditions[Ready]",
        due=None if is_without else ends,
        since=Since(since, exact=False) if since is not None else None,
        evidence=tuple(evidence),
        confirm=kubectl("describe", "certificates.cert-manager.io", certificate.name, namespace=certificate.namespace),
        harm=Harm.ACTIVE if is_hurt else None,
        severity=Severity.HIGH if is_hurt else None,
    )
