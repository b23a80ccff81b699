"""The check `network/service-open-to-all`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# What makes a cloud's load balancer one of its private network, each with the value that says so (any, where none is given).
INTERNAL: Final = {
    # https://cloud.google.com/kubernetes-engine/docs/how-to/internal-load-balancing
    "networking.gke.io/load-balancer-type": "internal",
    "cloud.google.com/load-balancer-type": "internal",
    # https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/ (internal unless set)
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
    # https://learn.microsoft.com/azure/aks/internal-lb
    "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    "service.beta.kubernetes.io/openstack-internal-load-balancer": "true",
    "service.beta.kubernetes.io/oci-load-balancer-internal": "true",
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": "private",
}
# Annotations that limit the sources instead of the field.
_RANGES: Final = ("service.beta.kubernetes.io/load-balancer-source-ranges", "service.beta.kubernetes.io/azure-allowed-ip-ranges")
_EVERYBODY: Final = frozenset({"0.0.0.0/0", "::/0"})


@check(
    Service,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    applies=lambda service: service.spec.type == "LoadBalancer",
    by_hand="from where it has to be reached is for those who run it to say",
)
def service_open_to_all(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """A Service of type LoadBalancer that takes connections from any address.

    Why: it stands on the internet, past every Ingress with its TLS, limits and logs.
    Fix: limit spec.loadBalancerSourceRanges, make the load balancer internal by its annotation, or route through an Ingress or Gateway.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
    Not: load balancers that an annotation makes internal, as those of Google, Amazon, Azure, OpenStack, Oracle and IBM know it.
    """
    annotations = service.annotations
    if any(annotations.get(key, "").lower() == value for key, value in INTERNAL.items()):
        return
    if any(annotations.get(key) for key in _RANGES):
        return
    ranges = service.spec.load_balancer_source_ranges
    if not ranges or _EVERYBODY.intersection(ranges):
        wide = f": loadBalancerSourceRanges has {', '.join(sorted(_EVERYBODY.intersection(ranges)))}" if ranges else ""
        yield Hit(
            f"takes connections from any address{wide}",
            path="spec.loadBalancerSourceRanges",
            fix="limit spec.loadBalancerSourceRanges, or make the load balancer internal",
        )
