"""The check `network/ingress-without-backend`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.backend import dead_backend
from daytwo.model.finding import Hit
from daytwo.model.gap import Unseen
from daytwo.model.network import Ingress
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

# These answer requests themselves: their backend is only there because the API asks for one.
_REDIRECTS = frozenset({"nginx.ingress.kubernetes.io/permanent-redirect", "nginx.ingress.kubernetes.io/temporal-redirect"})
# The AWS load balancer controller reads the action of this port's name from an annotation; no Service is meant.
_BY_ANNOTATION = "use-annotation"


@check(
    Ingress,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=lambda ingress: not ingress.is_terminating,
    by_hand="which Service is meant is for those who wrote the Ingress to say",
    basis=Basis.BOTH,
)
def ingress_without_backend(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """An Ingress whose backend does not exist or does not answer: no such Service, no such port, or no ready endpoint.

    Why: requests for its paths end in 503 or 404, and no event says so.
    Fix: name an existing Service and one of its ports; where the Service has no endpoints, repair what is behind it.
    Source: https://kubernetes.io/docs/concepts/services-networking/ingress/
    Not: backends that are resources, ExternalName Services, `use-annotation` ports of the AWS load balancer controller, Ingresses
    that only redirect, and Services whose workload is scaled to zero. In files only the Service and its port are asked for, and that
    where the files hold Services of the namespace, and nothing from which an operator may make some.
    """
    if _REDIRECTS & ingress.annotations.keys():
        return
    hidden: Unseen | None = None
    told: set[tuple[str, str]] = set()
    for field, backend in ingress.backends():
        if backend.service is None or backend.service.port.name == _BY_ANNOTATION:
            continue
        name, port = backend.service.name, backend.service.port
        item = f"{name}:{port.name or port.number}"
        try:
            dead = dead_backend(ingress.namespace, name, port, f"{field}.service", snapshot, is_declared=ingress.is_declared)
        except Unseen as unseen:
            hidden = unseen
            continue
        if dead is None or (item, dead.why) in told:
            continue
        told.add((item, dead.why))
        yield Hit(
            f"nothing answers behind backend {item}: {dead.why}",
            path=f"{field}.service",
            item=item,
            fix=dead.fix,
            since=dead.since,
            evidence=dead.evidence,
            because=dead.because,
            confirm=dead.confirm if not ingress.is_declared else None,
            harm=Harm.NONE if ingress.is_declared else None,
        )
    # What is known is told first; only a backend about which nothing is known leaves the whole open.
    if hidden is not None and not told:
        raise hidden
