"""The check `network/service-external-ips`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Service,
    heading=Heading.SECURITY,
    severity=Severity.HIGH,
    by_hand="whoever reaches the Service at those addresses needs another way first",
)
def service_external_ips(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """A Service with externalIPs.

    Why: every node sends what goes to those addresses to this Service, whoever they belong to: whoever may write Services may take
    over the traffic of others in the cluster (CVE-2020-8554). Nothing checks that the addresses are one's own.
    Fix: use a Service of type LoadBalancer, or an Ingress or Gateway; forbid the field with the admission plugin DenyServiceExternalIPs.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#denyserviceexternalips
    """
    addresses = service.spec.external_ips
    if addresses:
        shown = ", ".join(addresses[:3]) + (f" and {len(addresses) - 3} more" if len(addresses) > 3 else "")
        yield Hit(
            f"takes traffic to {shown} at every node (CVE-2020-8554)",
            path="spec.externalIPs",
            fix="use a Service of type LoadBalancer, or an Ingress or Gateway",
        )
