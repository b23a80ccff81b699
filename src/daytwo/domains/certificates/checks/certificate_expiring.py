"""The check `certificates/certificate-expiring`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.certificates.use import use_of
from daytwo.domains.certificates.validity import first_to_expire, is_being_kept, is_near_its_end, keeper, names
from daytwo.model.command import kubectl
from daytwo.model.config import Secret
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Secret,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    applies=lambda secret: bool(secret.certificates),
    basis=Basis.STATE,
)
def certificate_expiring(secret: Secret, snapshot: Snapshot) -> Iterator[Hit]:
    """A TLS Secret with a certificate that has expired or soon will: within 14 days, or in the last third of a life under 42 days.

    Every certificate in `tls.crt` counts, because an expired one in the chain breaks clients as surely as the first.
    Why: from that second on every client refuses the connection.
    Fix: renew it; where cert-manager keeps it, see why it does not.
    Source: https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets
    Not: other Secrets, and who reads this one through the API only. A Secret that nothing uses, or that cert-manager will renew in
    time, is hygiene.
    """
    certificate = first_to_expire(secret.certificates)
    if certificate is None or not is_near_its_end(certificate, snapshot.taken_at):
        return
    use = use_of(secret.ref, snapshot)
    kept = keeper(secret.ref, snapshot)
    is_kept = kept is not None and is_being_kept(kept, snapshot.taken_at)
    is_over = certificate.not_after <= snapshot.taken_at
    is_leaf = certificate is secret.certificates[0]
    what = f"the certificate for {names(certificate)}" if is_leaf else f"a certificate in the chain ({names(certificate)})"
    end = "ended" if is_over else "ends"
    harm, severity = Harm.ONE_EVENT_AWAY, Severity.MEDIUM
    if use.is_unused or (is_kept and not is_over):
        harm, severity = Harm.NONE, Severity.LOW
    elif is_over:
        harm, severity = Harm.ACTIVE, Severity.CRITICAL if use.is_exposed else Severity.HIGH
    yield Hit(
        f"{what} {'has expired' if is_over else 'expires soon'}, {use.words}",
        path="data[tls.crt]",
        fix="cert-manager renews it by itself" if is_kept and not is_over else "",
        due=None if is_over else certificate.not_after,
        since=Since(certificate.not_after) if is_over else None,
        evidence=(
            Evidence(f"Secret {secret.name}: {what}, issued by {certificate.issuer}, {end}", certificate.not_after),
            Evidence(f"Secret {secret.name} is {use.words}" if use.users else f"Secret {secret.name}: {use.words}"),
        ),
        because=(kept.ref,) if kept is not None and not is_kept else (),
        confirm=kubectl("get", "secret", secret.name, "-o", r"jsonpath={.data.tls\.crt}", namespace=secret.namespace),
        harm=harm,
        severity=severity,
    )
