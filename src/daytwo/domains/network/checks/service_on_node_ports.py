"""The check `network/service-on-node-ports`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Service,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    by_hand="whoever connects to the nodes needs another way first",
)
def service_on_node_ports(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """A Service of type NodePort.

    Why: every node opens the port to whoever reaches the node; clients have to know nodes that come and go.
    Fix: use ClusterIP behind an Ingress or Gateway, or LoadBalancer.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
    Not: the node ports that a Service of type LoadBalancer takes besides.
    """
    if service.spec.type != "NodePort":
        return
    ports = ", ".join(str(port.port) for port in service.spec.ports[:3])
    yield Hit(
        f"opens a port on every node for {ports}" if ports else "opens a port on every node",
        path="spec.type",
        fix="use ClusterIP behind an Ingress or Gateway, or LoadBalancer",
    )
