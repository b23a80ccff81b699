"""The check `network/listener-without-certificate`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.config import Secret
from daytwo.model.control_plane import ManagedCertificate
from daytwo.model.finding import Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.nearness import nearest
from daytwo.model.network import CertificateReference, Gateway, Listener, ReferenceGrant
from daytwo.model.ref import Cell
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_GROUP: Final = "gateway.networking.k8s.io"
# cert-manager makes the Certificates of such a Gateway's listeners.
# Source: https://cert-manager.io/docs/usage/gateway/
_ISSUED_FOR_IT: Final = ("cert-manager.io/issuer", "cert-manager.io/cluster-issuer")


def _ends_tls(listener: Listener) -> bool:
    return listener.protocol in ("HTTPS", "TLS") and (listener.tls is None or listener.tls.mode == "Terminate")


@check(
    Gateway,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    applies=lambda gateway: any(_ends_tls(listener) for listener in gateway.spec.listeners),
    by_hand="a certificate comes from an issuer",
)
def listener_without_certificate(gateway: Gateway, snapshot: Snapshot) -> Iterator[Hit]:
    """A Gateway listener that ends TLS and has no certificate: none named, a Secret that does not exist, or one it may not use.

    Why: the listener is not programmed, so none of its hosts is served.
    Fix: name a TLS Secret in tls.certificateRefs; one of another namespace needs a ReferenceGrant there.
    Source: https://gateway-api.sigs.k8s.io/guides/tls/
    Not: listeners that pass TLS through; those whose options name a certificate of the cloud; references to other kinds than Secrets;
    Gateways that cert-manager fills. Files seldom hold Secrets: there only a name that differs by a typo is told.
    """
    hidden: Unseen | None = None
    for index, listener in enumerate(gateway.spec.listeners):
        if not _ends_tls(listener):
            continue
        path = f"spec.listeners[{listener.name or index}].tls"
        references = listener.tls.certificate_refs if listener.tls is not None else ()
        if not references and not (listener.tls is not None and listener.tls.options):
            yield Hit(
                f"listener {listener.name} ends TLS and names no certificate",
                path=f"{path}.certificateRefs",
                item=listener.name,
                fix="name a TLS Secret in tls.certificateRefs",
            )
        for position, reference in enumerate(references):
            try:
                why = _unusable(gateway, reference, snapshot)
            except Unseen as unseen:
                hidden = unseen
                continue
            if why:
                yield Hit(
                    f"listener {listener.name} has no certificate: {why}",
                    path=f"{path}.certificateRefs[{position}]",
                    item=f"{listener.name}: {reference.name}",
                    fix="name a TLS Secret that exists and may be used",
                )
    if hidden is not None:
        raise hidden


def _unusable(gateway: Gateway, reference: CertificateReference, snapshot: Snapshot) -> str:
    """Why a Gateway cannot use a certificate; empty when it can. Raises Unseen where that cannot be told."""
    if reference.kind != "Secret" or reference.group not in ("", "core"):
        return ""
    namespace = reference.namespace or gateway.namespace
    is_elsewhere = namespace != gateway.namespace
    if is_elsewhere and not any(_grants(grant, gateway, reference) for grant in snapshot.of(ReferenceGrant, namespace)):
        return f"no ReferenceGrant in namespace {namespace} lets Gateways of namespace {gateway.namespace} use Secret {reference.name}"
    filled = {one.spec.secret_name for one in snapshot.seen(ManagedCertificate, namespace)}
    if reference.name in filled or any(gateway.annotations.get(key) for key in _ISSUED_FOR_IT):
        return ""
    if not snapshot.is_of_files:
        return "" if snapshot.get(Secret, namespace, reference.name) is not None else f"Secret {namespace}/{reference.name} does not exist"
    known = filled | {secret.name for secret in snapshot.seen(Secret, namespace)}
    if reference.name in known:
        return ""
    meant = nearest(reference.name, known)
    if not meant:
        reason = "not among these files; an issuer may fill it"
        raise Unseen(Gap("files", f"Secret {namespace}/{reference.name}", reason, Cell(Secret.KIND, namespace)))
    return f"there is no Secret {namespace}/{reference.name}; nearest is {meant}"


def _grants(grant: ReferenceGrant, gateway: Gateway, reference: CertificateReference) -> bool:
    comes_from_here = any(
        peer.group == _GROUP and peer.kind == Gateway.KIND and peer.namespace == gateway.namespace for peer in grant.spec.from_
    )
    return comes_from_here and any(peer.kind == "Secret" and peer.name in ("", reference.name) for peer in grant.spec.to)
