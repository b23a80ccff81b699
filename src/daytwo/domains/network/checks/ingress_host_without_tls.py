"""The check `network/ingress-host-without-tls`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.nearness import nearest
from daytwo.model.network import Ingress
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Ingress,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    applies=lambda ingress: bool(ingress.spec.tls),
    by_hand="the certificate has to be issued for the host as well",
)
def ingress_host_without_tls(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """An Ingress with TLS, and a host among its rules that no entry of spec.tls covers.

    Why: that host is served in clear text, or with the controller's own certificate that nobody trusts.
    Fix: add the host to the hosts of an entry of spec.tls, and to its certificate.
    Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
    Not: an entry without hosts, which covers what the controller's certificate covers; a wildcard covers one label, as in certificates.
    """
    entries = ingress.spec.tls
    if any(not tls.hosts for tls in entries):
        return
    covered = {host.lower() for tls in entries for host in tls.hosts}
    told: set[str] = set()
    for index, rule in enumerate(ingress.spec.rules):
        host = rule.host.lower()
        if not host or host in told or host in covered or f"*.{host.partition('.')[2]}" in covered:
            continue
        told.add(host)
        meant = nearest(host, (name for name in covered if not name.startswith("*")))
        yield Hit(
            f"serves {host}, which no entry of spec.tls covers" + (f"; nearest is {meant}" if meant else ""),
            path=f"spec.rules[{index}].host",
            item=host,
            fix=f"add {host} to the hosts of an entry of spec.tls, and to its certificate",
        )
