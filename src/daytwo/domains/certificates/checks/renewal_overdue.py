"""The check `certificates/renewal-overdue`."""

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

PATIENCE: Final = timedelta(hours=1)


@check(ManagedCertificate, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, harm=Harm.ONE_EVENT_AWAY, basis=Basis.STATE)
def renewal_overdue(certificate: ManagedCertificate, snapshot: Snapshot) -> Iterator[Hit]:
    """A cert-manager Certificate that is still Ready, but should have been renewed more than an hour ago.

    Why: cert-manager renews when a third of the life is left; if it does not, the certificate ends on its date with nobody told.
    Fix: see whether cert-manager runs, and what its newest CertificateRequest says.
    Source: https://cert-manager.io/docs/usage/certificate/
    """
    ready, renewal, ends = certificate.condition("Ready"), certificate.status.renewal_time, certificate.status.not_after
    if ready is None or ready.status != "True" or renewal is None or snapshot.taken_at - renewal < PATIENCE:
        return
    is_over = ends is not None and ends <= snapshot.taken_at
    use = use_of(Ref(Secret.KIND, certificate.namespace, certificate.spec.secret_name), snapshot)
    issuing = certificate.condition("Issuing")
    why = f": {issuing.message}" if issuing is not None and issuing.message else ""
    state = "has expired and" if is_over else "is valid, but"
    is_hurt = is_over and use.is_exposed
    yield Hit(
        f"certificate {certificate.name} {state} cert-manager does not renew it, {use.words}{why}",
        path="status.renewalTime",
        due=None if is_over else ends,
        since=Since(ends) if is_over and ends is not None else Since(renewal),
        evidence=(Evidence(f"Certificate {certificate.name}: status.renewalTime is over", renewal),),
        confirm=kubectl("describe", "certificates.cert-manager.io", certificate.name, namespace=certificate.namespace),
        harm=Harm.ACTIVE if is_hurt else None,
        severity=Severity.HIGH if is_hurt else None,
    )
