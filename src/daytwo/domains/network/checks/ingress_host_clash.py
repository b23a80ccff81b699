"""The check `network/ingress-host-clash`."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from daytwo.catalog import check
from daytwo.domains.network.ingress_class import class_of, has_own_load_balancer
from daytwo.model.finding import Hit
from daytwo.model.network import Ingress
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_CANARY: Final = "nginx.ingress.kubernetes.io/canary"


class _Place(NamedTuple):
    """What a rule claims: of one class, one host, one path and its type."""

    ingress_class: str
    host: str
    path: str
    type: str


class _Claim(NamedTuple):
    namespace: str
    name: str
    field: str


@check(
    Ingress,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    by_hand="which of the two is to serve it is for people to say",
)
def ingress_host_clash(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """Two Ingresses of one class that claim the same host and path. Told on the later by namespace and name.

    Why: the controller serves one of them, most often the older; the other's backend never gets a request. Across namespaces it is a
    way to take over somebody else's traffic.
    Fix: keep the host and path in one Ingress.
    Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-rules
    Not: Ingresses of different classes; canaries of ingress-nginx; classes that give each Ingress a load balancer of its own (Amazon,
    Google); an exact path beside the same as a prefix.
    """
    claims = snapshot.once(_claims)
    told: set[_Place] = set()
    for place, claim in _claimed(ingress, snapshot):
        first = claims[place]
        if first == claim or place in told:
            continue
        told.add(place)
        is_own = (first.namespace, first.name) == (ingress.namespace, ingress.name)
        item = f"{place.host or '*'}{place.path}" + (" exactly" if place.type == "Exact" else "")
        yield Hit(
            f"claims {item}, as does {'another of its own rules' if is_own else f'Ingress {first.namespace}/{first.name}'}",
            path=claim.field,
            item=item,
            fix="keep the host and path in one Ingress",
            severity=Severity.HIGH if first.namespace != ingress.namespace else None,
        )


def _claims(snapshot: Snapshot) -> dict[_Place, _Claim]:
    """Who claims a place first: Ingresses come by namespace and name."""
    found: dict[_Place, _Claim] = {}
    for ingress in snapshot.seen(Ingress):
        for place, claim in _claimed(ingress, snapshot):
            found.setdefault(place, claim)
    return found


def _claimed(ingress: Ingress, snapshot: Snapshot) -> Iterator[tuple[_Place, _Claim]]:
    """What an Ingress claims; nothing where nothing can clash."""
    if ingress.annotations.get(_CANARY, "").lower() == "true" or has_own_load_balancer(ingress, snapshot):
        return
    name = class_of(ingress)
    for index, rule in enumerate(ingress.spec.rules):
        for position, path in enumerate(rule.http.paths if rule.http is not None else ()):
            type = "Exact" if path.path_type == "Exact" else "Prefix"
            field = f"spec.rules[{index}].http.paths[{position}]"
            yield _Place(name, rule.host.lower(), path.path or "/", type), _Claim(ingress.namespace, ingress.name, field)
