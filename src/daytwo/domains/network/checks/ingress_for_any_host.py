"""The check `network/ingress-for-any-host`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.ingress_class import has_own_load_balancer
from daytwo.model.finding import Hit
from daytwo.model.network import Ingress
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Ingress,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    by_hand="which hosts it is to serve is for those who wrote it to say",
)
def ingress_for_any_host(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """An Ingress that takes requests for any host: a rule without host, or nothing but a default backend.

    Why: at a controller that many share it answers for every name that nobody else claims, and for the bare address: scanners first.
    Fix: name the host in each rule.
    Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
    Not: classes that give each Ingress a load balancer of its own (Amazon, Google); a default backend beside rules, which answers for
    what they leave.
    """
    if has_own_load_balancer(ingress, snapshot):
        return
    index = next((index for index, rule in enumerate(ingress.spec.rules) if not rule.host), None)
    if index is not None:
        yield Hit("answers for every host: a rule names none", path=f"spec.rules[{index}].host", fix="name the host in each rule")
    elif ingress.spec.default_backend is not None and not ingress.spec.rules:
        yield Hit("answers for every host by its default backend", path="spec.defaultBackend", fix="write rules with hosts")
