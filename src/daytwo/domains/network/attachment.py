"""Whether a route may attach to a Gateway: by its listeners' names, protocols, hosts, and the namespaces they take routes from.

Source: https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
"""

from collections.abc import Iterable, Iterator
from typing import Final

from daytwo.model.isolation import matches_namespace
from daytwo.model.network import Gateway, HTTPRoute, Listener, ParentReference
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot

_SERVES_HTTP: Final = frozenset({"HTTP", "HTTPS"})


def gateway_of(route: HTTPRoute, reference: ParentReference, snapshot: Snapshot) -> Gateway | None:
    """The Gateway that a route names as its parent, if it was seen."""
    if reference.kind != Gateway.KIND:
        return None
    found = snapshot.find(Ref(Gateway.KIND, reference.namespace or route.namespace, reference.name))
    return found if isinstance(found, Gateway) else None


def listeners_taking(route: HTTPRoute, reference: ParentReference, gateway: Gateway, snapshot: Snapshot) -> Iterator[Listener]:
    """The listeners that a route attaches to. Raises Unseen when the labels of its namespace decide and are hidden."""
    for listener in gateway.spec.listeners:
        if _is_meant(listener, reference) and refusal(route, listener, gateway, snapshot) == "":
            yield listener


def fault(route: HTTPRoute, reference: ParentReference, gateway: Gateway, snapshot: Snapshot) -> str:
    """Why no listener takes the route; empty when one does."""
    meant = [listener for listener in gateway.spec.listeners if _is_meant(listener, reference)]
    if not meant:
        which = f"named {reference.section_name}" if reference.section_name else f"on port {reference.port}"
        names = ", ".join(listener.name for listener in gateway.spec.listeners[:5]) or "none"
        return f"Gateway {gateway.name} has no listener {which}; it has {names}"
    refusals = [refusal(route, listener, gateway, snapshot) for listener in meant]
    return "" if "" in refusals else refusals[0]


def refusal(route: HTTPRoute, listener: Listener, gateway: Gateway, snapshot: Snapshot) -> str:
    """Why one listener does not take the route; empty when it does."""
    allowed = listener.allowed_routes
    name = f"listener {listener.name} of Gateway {gateway.name}"
    if allowed.kinds:
        if not any(kind.kind == route.KIND for kind in allowed.kinds):
            return f"{name} takes only {', '.join(kind.kind for kind in allowed.kinds)}"
    elif listener.protocol and listener.protocol not in _SERVES_HTTP and "/" not in listener.protocol:
        return f"{name} speaks {listener.protocol}"
    match allowed.namespaces.from_:
        case "Same" if route.namespace != gateway.namespace:
            return f"{name} takes routes of its own namespace {gateway.namespace} alone"
        case "Selector" if allowed.namespaces.selector is not None:
            if not matches_namespace(allowed.namespaces.selector, route.namespace, snapshot):
                return f"{name} takes routes of namespaces with {allowed.namespaces.selector}, and {route.namespace} has none of that"
        case "None":
            return f"{name} takes no routes"
    hosts = route.spec.hostnames
    if listener.hostname and hosts and not any(hosts_meet(listener.hostname, host) for host in hosts):
        return f"{name} serves {listener.hostname}, which none of its hosts {_shown(hosts)} is part of"
    return ""


def hosts_meet(one: str, other: str) -> bool:
    """Whether two hosts, each perhaps a wildcard of any depth, have a name in common."""
    one, other = one.lower(), other.lower()
    if one == other:
        return True
    if one.startswith("*.") and other.startswith("*."):
        return one.endswith(other[1:]) or other.endswith(one[1:])
    if one.startswith("*."):
        return other.endswith(one[1:])
    return other.startswith("*.") and one.endswith(other[1:])


def _is_meant(listener: Listener, reference: ParentReference) -> bool:
    return (not reference.section_name or listener.name == reference.section_name) and (
        reference.port is None or listener.port == reference.port
    )


def _shown(hosts: Iterable[str]) -> str:
    return ", ".join(list(hosts)[:3])
