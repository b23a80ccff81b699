"""How long certificates still serve, and how people call them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from daytwo.model.certificate import Certificate
from daytwo.model.control_plane import ManagedCertificate
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot

NEAR: Final = timedelta(days=14)
# Certificates that live for less than this are renewed all the time, so two weeks would be their normal state.
SHORT_LIFE: Final = timedelta(days=42)


def first_to_expire(certificates: Iterable[Certificate]) -> Certificate | None:
    return min(certificates, key=lambda certificate: certificate.not_after, default=None)


def is_near_its_end(certificate: Certificate, at: datetime) -> bool:
    """Two weeks or less are left; of a short life, less than a third. An expired certificate is near its end too."""
    life, left = certificate.not_after - certificate.not_before, certificate.not_after - at
    return left < life / 3 if life < SHORT_LIFE else left <= NEAR


def names(certificate: Certificate) -> str:
    """What a certificate is for: its first names, else the common name of its subject."""
    if certificate.names:
        return ", ".join(certificate.names[:2]) + (f" and {len(certificate.names) - 2} more" if len(certificate.names) > 2 else "")
    parts = (part.partition("=") for part in certificate.subject.split(","))
    return next((value for key, _, value in parts if key == "CN"), certificate.subject or "nobody")


def keeper(secret: Ref, snapshot: Snapshot) -> ManagedCertificate | None:
    """The cert-manager Certificate that keeps a Secret."""
    return snapshot.once(_keepers).get((secret.namespace, secret.name))


def is_being_kept(certificate: ManagedCertificate, at: datetime) -> bool:
    """cert-manager has a good certificate and will renew it in time."""
    ready = certificate.condition("Ready")
    renewal = certificate.status.renewal_time
    return ready is not None and ready.status == "True" and renewal is not None and renewal > at


def _keepers(snapshot: Snapshot) -> dict[tuple[str, str], ManagedCertificate]:
    return {(found.namespace, found.spec.secret_name): found for found in snapshot.seen(ManagedCertificate)}
