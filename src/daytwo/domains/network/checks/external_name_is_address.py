"""The check `network/external-name-is-address`."""

import re
from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_ADDRESS: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\.?|[0-9a-fA-F]*:[0-9a-fA-F:.]*")
# Where names of these lead is to whoever looks them up, or to the API server.
_INWARD: Final = ("localhost", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")


@check(
    Service,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    applies=lambda service: service.spec.type == "ExternalName",
    by_hand="what it should lead to instead is for those who wrote it to say",
)
def external_name_is_address(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """An ExternalName Service that names an address, localhost, or the API server instead of a host outside.

    Why: the DNS server answers with an alias, and an address is no name to look up: it never resolves. An alias to localhost or to
    the API server sends whoever trusts this Service somewhere it should not, an Ingress controller before all.
    Fix: for an address use a Service without selector and an EndpointSlice of your own; else name a host.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#externalname
    """
    name = service.spec.external_name.lower()
    if _ADDRESS.fullmatch(name):
        yield Hit(
            f"never resolves: externalName {name} is an address, and an alias needs a name",
            path="spec.externalName",
            fix="use a Service without selector and an EndpointSlice of your own",
        )
    elif name.rstrip(".") in _INWARD or name.rstrip(".").endswith(".localhost"):
        yield Hit(
            f"leads back inside: externalName is {name}", path="spec.externalName", fix="name the host outside, or delete the Service"
        )
