"""The check `network/ingress-without-certificate`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.config import Secret
from daytwo.model.control_plane import ManagedCertificate
from daytwo.model.finding import Evidence, Hit
from daytwo.model.network import Ingress, IngressClass
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

# An issuer needs a while for a new Ingress.
_ISSUING: Final = timedelta(minutes=10)
# Takes certificates from the cloud's own store and does not look at secretName.
_AWS: Final = "ingress.k8s.aws/alb"
_CLASS: Final = "kubernetes.io/ingress.class"


@check(
    Ingress,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    harm=Harm.ACTIVE,
    applies=lambda ingress: bool(ingress.spec.tls),
    basis=Basis.STATE,
)
def ingress_without_certificate(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """An Ingress whose TLS Secret does not exist.

    Why: the controller serves its own self-signed certificate instead, and browsers and clients refuse it.
    Fix: create the Secret, or see why its issuer does not.
    Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
    Not: TLS entries without secretName (the controller's default certificate is meant), the AWS load balancer controller (it uses
    certificates of the cloud), and the first ten minutes, in which an issuer may be at work.
    """
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


def _uses_cloud_certificates(ingress: Ingress, snapshot: Snapshot) -> bool:
    name = ingress.spec.ingress_class_name or ingress.annotations.get(_CLASS, "")
    found = snapshot.find(Ref(IngressClass.KIND, "", name))
    return name == "alb" or (isinstance(found, IngressClass) and found.spec.controller == _AWS)
