"""The check `network/route-over-plain-http`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.attachment import listeners_taking
from daytwo.model.finding import Hit
from daytwo.model.gap import Unseen
from daytwo.model.network import Gateway, HTTPRoute
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


def _serves(route: HTTPRoute) -> bool:
    """Whether some rule hands requests on, instead of sending the client elsewhere."""
    return any(rule.backend_refs and not any(one.type == "RequestRedirect" for one in rule.filters) for rule in route.spec.rules)


@check(
    HTTPRoute,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    applies=_serves,
    by_hand="where the redirect is to stand is for those who wrote the routes to say",
)
def route_over_plain_http(route: HTTPRoute, snapshot: Snapshot) -> Iterator[Hit]:
    """An HTTPRoute that serves its backends at a Gateway's HTTP listener, though the Gateway has one for HTTPS.

    Why: a route without sectionName attaches to every listener that takes it, so what was meant for HTTPS is served in clear text too.
    Fix: name the HTTPS listener as sectionName, and attach a route of its own to the HTTP listener that redirects to https.
    Source: https://gateway-api.sigs.k8s.io/guides/http-redirect-rewrite/
    Not: Gateways that have no HTTPS listener at all: TLS may end before them.
    """
    hidden: Unseen | None = None
    for index, reference in enumerate(route.spec.parent_refs):
        if reference.kind != Gateway.KIND:
            continue
        try:
            gateway = snapshot.get(Gateway, reference.namespace or route.namespace, reference.name)
            taking = list(listeners_taking(route, reference, gateway, snapshot)) if gateway is not None else []
        except Unseen as unseen:
            hidden = unseen
            continue
        plain = next((listener for listener in taking if listener.protocol == "HTTP"), None)
        secure = next((listener for listener in gateway.spec.listeners if listener.protocol == "HTTPS"), None) if gateway else None
        if gateway is not None and plain is not None and secure is not None:
            yield Hit(
                f"is served in clear text at listener {plain.name} of Gateway {gateway.name}",
                path=f"spec.parentRefs[{index}].sectionName",
                item=f"Gateway {gateway.namespace}/{gateway.name}",
                fix=f"write sectionName: {secure.name}, and redirect at listener {plain.name} by a route of its own",
            )
    if hidden is not None:
        raise hidden
