"""The check `certificates/certificate-unreadable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.certificates.use import use_of
from daytwo.model.command import kubectl
from daytwo.model.config import Secret
from daytwo.model.finding import Evidence, Hit
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Secret, heading=Heading.RELIABILITY, severity=Severity.LOW, applies=lambda secret: secret.type == "kubernetes.io/tls", basis=Basis.STATE
)
def certificate_unreadable(secret: Secret, snapshot: Snapshot) -> Iterator[Hit]:
    """A Secret of type kubernetes.io/tls whose `tls.crt` holds no certificate that can be read.

    Why: whoever serves with it serves nothing, or falls back to a certificate that clients refuse; and nobody can tell when it expires.
    Fix: put the PEM certificate, its chain after it, into `tls.crt`.
    Source: https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets
    """
    if not secret.certificate_error:
        return
    use = use_of(secret.ref, snapshot)
    yield Hit(
        f"tls.crt cannot be read as a certificate: {secret.certificate_error}; {use.words}",
        path="data[tls.crt]",
        evidence=(Evidence(f"Secret {secret.name}: tls.crt {secret.certificate_error}"),),
        confirm=kubectl("get", "secret", secret.name, "-o", r"jsonpath={.data.tls\.crt}", namespace=secret.namespace),
    )
