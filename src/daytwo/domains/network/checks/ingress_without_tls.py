"""The check `network/ingress-without-tls`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.ingress_class import is_tls_elsewhere
from daytwo.model.finding import Hit
from daytwo.model.network import Ingress
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# Served by cert-manager's solver over plain HTTP, as the protocol has it.
_CHALLENGE = "/.well-known/acme-challenge/"


def _serves(ingress: Ingress) -> bool:
    paths = [path.path for rule in ingress.spec.rules if rule.http is not None for path in rule.http.paths]
    return not (paths and all(path.startswith(_CHALLENGE) for path in paths))


@check(
    Ingress,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    applies=_serves,
    by_hand="a certificate comes from an issuer",
)
def ingress_without_tls(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """An Ingress without TLS.

    Why: what clients send, passwords and cookies with it, goes over the network in clear text.
    Fix: add spec.tls with the hosts and a Secret; cert-manager fills it when the Ingress carries its issuer's annotation.
    Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
    Not: Ingresses whose certificate an annotation brings (Amazon, Google, Azure, Traefik), and cert-manager's own for a challenge.
    """
    if not ingress.spec.tls and not is_tls_elsewhere(ingress):
        hosts = [rule.host for rule in ingress.spec.rules if rule.host]
        shown = ", ".join(hosts[:3]) + (f" and {len(hosts) - 3} more" if len(hosts) > 3 else "")
        yield Hit(f"serves {shown or 'all hosts'} without TLS", path="spec.tls", fix="add spec.tls with the hosts and a Secret")
