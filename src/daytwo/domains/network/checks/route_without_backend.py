"""The check `network/route-without-backend`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.network.attachment import fault, gateway_of
from daytwo.domains.network.backend import DeadBackend, dead_backend
from daytwo.domains.network.outage import GRACE
from daytwo.model.command import Command, kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.gap import Gap, Unseen
from daytwo.model.metadata import Condition, condition
from daytwo.model.nearness import nearest
from daytwo.model.network import BackendPort, BackendReference, Gateway, GRPCRoute, HTTPRoute, ReferenceGrant, RouteParent
from daytwo.model.ref import Cell, Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

_GROUP: Final = "gateway.networking.k8s.io"


@check(
    HTTPRoute,
    GRPCRoute,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=lambda route: not route.is_terminating,
    by_hand="which Gateway, listener and Service are meant is for those who wrote the route to say",
    basis=Basis.BOTH,
)
def route_without_backend(route: HTTPRoute, snapshot: Snapshot) -> Iterator[Hit]:
    """A Gateway API route that leads nowhere: no Gateway takes it, or its backend does not exist, may not be used, or does not answer.

    Why: requests that match it get a 404 or 500, or never reach it at all.
    Fix: name a Gateway and listener that accept it, and a Service and port that exist; a backend in another namespace needs a
    ReferenceGrant there.
    Source: https://gateway-api.sigs.k8s.io/reference/spec/#httproute
    Not: backends that are no Services, backends with weight 0, conditions about an older generation, the first two minutes. In files
    the listeners are asked instead of the Gateway's answer: their names, protocols, hosts, and the namespaces they take routes from.
    """
    hits = list(_backend_hits(route, snapshot))
    if route.is_declared:
        hits.extend(_declared_parent_hits(route, snapshot))
    known = [hit for hit in hits if isinstance(hit, Hit)]
    if not route.is_declared:
        known.extend(_parent_hits(route, snapshot, resolved=any(hit.item for hit in known)))
    yield from known
    hidden = [unseen for unseen in hits if isinstance(unseen, Unseen)]
    if hidden and not known:
        raise hidden[0]


def _backend_hits(route: HTTPRoute, snapshot: Snapshot) -> Iterator[Hit | Unseen]:
    told: set[str] = set()
    for index, rule in enumerate(route.spec.rules):
        for position, backend in enumerate(rule.backend_refs):
            if backend.kind != "Service" or backend.group not in ("", "core") or backend.weight == 0:
                continue
            namespace = backend.namespace or route.namespace
            item = f"{namespace}/{backend.name}:{backend.port or ''}".removesuffix(":")
            if item in told:
                continue
            field = f"spec.rules[{index}].backendRefs[{position}]"
            try:
                dead = _forbidden(route, backend, field, snapshot) or dead_backend(
                    namespace, backend.name, BackendPort(number=backend.port or 0), field, snapshot, is_declared=route.is_declared
                )
            except Unseen as unseen:
                yield unseen
                continue
            if dead is not None:
                told.add(item)
                yield Hit(
                    f"nothing answers behind backend {item}: {dead.why}",
                    path=field,
                    item=item,
                    fix=dead.fix,
                    since=dead.since,
                    evidence=dead.evidence,
                    because=dead.because,
                    confirm=dead.confirm if not route.is_declared else None,
                    harm=Harm.NONE if route.is_declared else None,
                )


def _forbidden(route: HTTPRoute, backend: BackendReference, field: str, snapshot: Snapshot) -> DeadBackend | None:
    """A backend in another namespace that no ReferenceGrant there allows. Raises Unseen when the grants were not read."""
    if not backend.namespace or backend.namespace == route.namespace:
        return None
    for grant in snapshot.of(ReferenceGrant, backend.namespace):
        comes_from_here = any(
            peer.group == _GROUP and peer.kind == route.KIND and peer.namespace == route.namespace for peer in grant.spec.from_
        )
        may_go_there = any(
            peer.group in ("", "core") and peer.kind == "Service" and peer.name in ("", backend.name) for peer in grant.spec.to
        )
        if comes_from_here and may_go_there:
            return None
    return DeadBackend(
        f"no ReferenceGrant in namespace {backend.namespace} lets {route.KIND}s of namespace {route.namespace} use Service {backend.name}",
        (Evidence(f"{field} names Service {backend.name} of namespace {backend.namespace}"),),
        fix=f"create a ReferenceGrant in namespace {backend.namespace}",
        confirm=kubectl("get", "referencegrants.gateway.networking.k8s.io", namespace=backend.namespace),
    )


def _declared_parent_hits(route: HTTPRoute, snapshot: Snapshot) -> Iterator[Hit | Unseen]:
    """What the Gateways would say of a route that stands in a file, under the items they say it under in a cluster."""
    for index, reference in enumerate(route.spec.parent_refs):
        if reference.kind != Gateway.KIND:
            continue
        namespace = reference.namespace or route.namespace
        gateway = gateway_of(route, reference, snapshot)
        if gateway is None:
            meant = nearest(reference.name, (one.name for one in snapshot.seen(Gateway, namespace)))
            if not meant:
                gap = Gap("files", f"Gateway {namespace}/{reference.name}", "not among these files", Cell(Gateway.KIND, namespace))
                yield Unseen(gap)
                continue
            why = f"there is no Gateway {reference.name} in namespace {namespace}; nearest is {meant}"
        else:
            try:
                why = fault(route, reference, gateway, snapshot)
            except Unseen as unseen:
                yield unseen
                continue
        if why:
            yield Hit(
                f"no Gateway serves it: {why}",
                path=f"spec.parentRefs[{index}]",
                item=f"Gateway {namespace}/{reference.name}",
                fix="name a Gateway and listener that take routes of this kind, namespace and host",
                harm=Harm.NONE,
            )


def _parent_hits(route: HTTPRoute, snapshot: Snapshot, *, resolved: bool) -> Iterator[Hit]:
    """What Gateways say of the route; `resolved` tells that its backends' faults were already told."""
    for parent in route.status.parents:
        accepted = _current(parent, "Accepted", route)
        if accepted is not None and _lasts(accepted, snapshot):
            yield _refused(route, parent, accepted)
        references = _current(parent, "ResolvedRefs", route)
        if references is not None and _lasts(references, snapshot) and not resolved:
            detail = f": {references.message.splitlines()[0]}" if references.message else ""
            yield _told_by_gateway(route, parent, references, f"a backend cannot be used, {references.reason}{detail}")
    if route.created is not None and snapshot.taken_at - route.created < GRACE:
        return
    answered = {(parent.parent_ref.namespace or route.namespace, parent.parent_ref.name) for parent in route.status.parents}
    for index, reference in enumerate(route.spec.parent_refs):
        namespace = reference.namespace or route.namespace
        if reference.kind != Gateway.KIND or (namespace, reference.name) in answered:
            continue
        gateway = snapshot.find(Ref(Gateway.KIND, namespace, reference.name))
        if gateway is None and snapshot.is_read(Gateway.KIND, namespace):
            yield Hit(
                f"no Gateway serves it: there is no Gateway {reference.name} in namespace {namespace}",
                path=f"spec.parentRefs[{index}]",
                item=f"Gateway {namespace}/{reference.name}",
                evidence=(Evidence(f"spec.parentRefs[{index}] names Gateway {reference.name}"),),
                because=(Ref(Gateway.KIND, namespace, reference.name),),
                confirm=kubectl("get", "gateways.gateway.networking.k8s.io", namespace=namespace),
            )
        else:
            because = (gateway.ref,) if isinstance(gateway, Gateway) and not _is_programmed(gateway) else ()
            yield Hit(
                f"Gateway {reference.name} has not answered for it",
                path=f"spec.parentRefs[{index}]",
                item=f"Gateway {namespace}/{reference.name}",
                since=Since(route.created) if route.created is not None else None,
                evidence=(Evidence(f"{route.KIND} {route.name}: status.parents has no entry of Gateway {reference.name}"),),
                because=because,
                confirm=_read_status(route),
            )


def _refused(route: HTTPRoute, parent: RouteParent, accepted: Condition) -> Hit:
    detail = f": {accepted.message.splitlines()[0]}" if accepted.message else ""
    return _told_by_gateway(route, parent, accepted, f"Gateway {parent.parent_ref.name} does not accept it, {accepted.reason}{detail}")


def _told_by_gateway(route: HTTPRoute, parent: RouteParent, told: Condition, message: str) -> Hit:
    at = told.last_transition_time
    return Hit(
        message,
        path="status.parents",
        item=f"Gateway {parent.parent_ref.namespace or route.namespace}/{parent.parent_ref.name}",
        since=Since(at, exact=False) if at is not None else None,
        evidence=(Evidence(f"{route.KIND} {route.name}: {told.type} {told.status} {told.reason} from {parent.controller_name}", at),),
        confirm=_read_status(route),
    )


def _read_status(route: HTTPRoute) -> Command:
    return kubectl("get", f"{route.KIND.lower()}s.{_GROUP}", route.name, "-o", "jsonpath={.status.parents}", namespace=route.namespace)


def _current(parent: RouteParent, type: str, route: HTTPRoute) -> Condition | None:
    """A condition that is False for the route as it is now."""
    found = condition(parent.conditions, type)
    if found is None or found.status != "False":
        return None
    if found.observed_generation is not None and found.observed_generation < route.metadata.generation:
        return None
    return found


def _lasts(found: Condition, snapshot: Snapshot) -> bool:
    return found.last_transition_time is None or snapshot.taken_at - found.last_transition_time >= GRACE


def _is_programmed(gateway: Gateway) -> bool:
    found = gateway.condition("Programmed")
    return found is not None and found.status == "True"
