"""The check `network/ingress-without-certificate`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.network.ingress_class import AWS, class_of, controller_of
from daytwo.model.command import kubectl
from daytwo.model.config import Secret
from daytwo.model.control_plane import ManagedCertificate
from daytwo.model.finding import Evidence, Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.nearness import nearest
from daytwo.model.network import Ingress
from daytwo.model.ref import Cell, Ref
from daytwo.model.repair import setting
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

# An issuer needs a while for a new Ingress.
_ISSUING: Final = timedelta(minutes=10)
# cert-manager makes a Certificate of its own for such an Ingress.
# Source: https://cert-manager.io/docs/usage/ingress/#supported-annotations
_ISSUED_FOR_IT: Final = ("cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme")


@check(
    Ingress,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    harm=Harm.ACTIVE,
    applies=lambda ingress: bool(ingress.spec.tls),
    by_hand="a certificate comes from an issuer",
    basis=Basis.BOTH,
)
def ingress_without_certificate(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """An Ingress whose TLS Secret does not exist.

    Why: the controller serves its own self-signed certificate instead, and browsers and clients refuse it.
    Fix: create the Secret, or see why its issuer does not.
    Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
    Not: TLS entries without secretName (the controller's default certificate is meant), the AWS load balancer controller (it uses
    certificates of the cloud), and the first ten minutes, in which an issuer may be at work. Files seldom hold Secrets: there only a
    name that differs by a typo from one that they do hold, or that a Certificate of theirs fills, is told.
    """
    if ingress.is_declared:
        yield from _declared(ingress, snapshot)
        return
    if _uses_cloud_certificates(ingress, snapshot) or (ingress.created is not None and snapshot.taken_at - ingress.created < _ISSUING):
        return
    told: set[str] = set()
    for index, tls in enumerate(ingress.spec.tls):
        name = tls.secret_name
        if not name or name in told or snapshot.get(Secret, ingress.namespace, name) is not None:
            continue
        told.add(name)
        issued = [one for one in snapshot.seen(ManagedCertificate, ingress.namespace) if one.spec.secret_name == name]
        hosts = ", ".join(tls.hosts[:3]) or "all hosts"
        evidence = [Evidence(f"spec.tls[{index}] names Secret {name} for {hosts}; there is none in namespace {ingress.namespace}")]
        evidence.extend(Evidence(f"Certificate {one.name} is to fill it and has not") for one in issued[:1])
        yield Hit(
            f"has no certificate for {hosts}: Secret {name} does not exist",
            path=f"spec.tls[{index}].secretName",
            item=name,
            fix=f"see why Certificate {issued[0].name} is not issued" if issued else f"create TLS Secret {name}, or name another",
            evidence=tuple(evidence),
            because=(issued[0].ref if issued else Ref(Secret.KIND, ingress.namespace, name),),
            confirm=kubectl("get", "secrets", "--field-selector", "type=kubernetes.io/tls", namespace=ingress.namespace),
        )


def _declared(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    filled = {one.spec.secret_name for one in snapshot.seen(ManagedCertificate, ingress.namespace)}
    known = filled | {secret.name for secret in snapshot.seen(Secret, ingress.namespace)}
    if _uses_cloud_certificates(ingress, snapshot) or any(ingress.annotations.get(key) for key in _ISSUED_FOR_IT):
        return
    hidden = ""
    for index, tls in enumerate(ingress.spec.tls):
        name = tls.secret_name
        meant = nearest(name, known)
        if not name or name in known:
            continue
        if not meant:
            hidden = hidden or name
            continue
        yield Hit(
            f"has no certificate for {', '.join(tls.hosts[:3]) or 'all hosts'}: there is no Secret {name}; nearest is {meant}",
            path=f"spec.tls[{index}].secretName",
            item=name,
            fix=f"name Secret {meant}",
            # Whatever the controller serves now, no client trusts it.
            repair=setting(f"spec.tls[{index}].secretName", meant),
            harm=Harm.NONE,
        )
    if hidden:
        reason = "not among these files; an issuer may fill it"
        raise Unseen(Gap("files", f"Secret {hidden}", reason, Cell(Secret.KIND, ingress.namespace)))


def _uses_cloud_certificates(ingress: Ingress, snapshot: Snapshot) -> bool:
    """The AWS load balancer controller takes certificates from the cloud's own store and does not look at secretName."""
    return class_of(ingress) == "alb" or controller_of(ingress, snapshot) == AWS
