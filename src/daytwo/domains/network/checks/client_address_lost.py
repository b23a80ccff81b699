"""The check `network/client-address-lost`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Service,
    heading=Heading.OPERATIONS,
    severity=Severity.INFO,
    applies=lambda service: service.spec.type in ("LoadBalancer", "NodePort"),
    by_hand="Local sends nothing to nodes without a pod of the Service: whether the pods are spread for that is for a person to say",
)
def client_address_lost(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """A Service from outside with externalTrafficPolicy Cluster: pods do not see the addresses of their clients.

    Why: the node that takes the connection replaces the client's address by its own, so logs, limits and NetworkPolicies by address
    see nodes; besides, half of the connections take a hop more.
    Fix: set externalTrafficPolicy: Local, with pods spread over the nodes that the load balancer reaches.
    Source: https://kubernetes.io/docs/tutorials/services/source-ip/
    Not: this is a choice, and Cluster spreads the load more evenly.
    """
    if service.spec.external_traffic_policy in ("", "Cluster"):
        yield Hit(
            "its pods see the nodes' addresses instead of their clients': externalTrafficPolicy is Cluster",
            path="spec.externalTrafficPolicy",
            fix="set externalTrafficPolicy: Local, if the pods are spread over the nodes that the load balancer reaches",
        )
