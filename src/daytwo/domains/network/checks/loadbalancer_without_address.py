"""The check `network/loadbalancer-without-address`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.network import Service
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

_PATIENCE: Final = timedelta(minutes=10)


def _is_load_balancer(service: Service) -> bool:
    return service.spec.type == "LoadBalancer" and not service.is_terminating


@check(Service, heading=Heading.RELIABILITY, severity=Severity.HIGH, harm=Harm.ACTIVE, applies=_is_load_balancer, basis=Basis.STATE)
def loadbalancer_without_address(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """A Service of type LoadBalancer that has no address after ten minutes.

    Why: nobody outside can reach it. The events of its controller tell why; without any controller there is not even an event.
    Fix: see the controller's message: quota, subnet, address pool or permissions; without a controller install one, or use
    another type of Service.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
    """
    if service.status.load_balancer.ingress or service.created is None or snapshot.taken_at - service.created < _PATIENCE:
        return
    events = snapshot.events_of(service)
    complaint = next((event for event in events if event.type == "Warning"), None)
    if complaint is not None:
        why = f"{complaint.reason}: {complaint.message.splitlines()[0] if complaint.message else 'no message'}"
        evidence = (Evidence(f"event {why}", complaint.at),)
    elif events:
        why = "its controller has not finished"
        evidence = (Evidence(f"event {events[0].reason}: {events[0].message}", events[0].at),)
    else:
        why = "no controller answered"
        evidence = (Evidence(f"Service {service.name}: status.loadBalancer is empty, and no event is left about it"),)
    yield Hit(
        f"no load balancer gave it an address: {why}",
        path="status.loadBalancer.ingress",
        since=Since(service.created),
        evidence=evidence,
        because=_common_cause(service, snapshot) if not events else (),
        confirm=kubectl("get", "svc", service.name, "-o", "jsonpath={.status.loadBalancer}", namespace=service.namespace),
    )


def _common_cause(service: Service, snapshot: Snapshot) -> tuple[Ref, ...]:
    """Where several wait and none of the class has an address, the controller of the class is what is missing."""
    alike = snapshot.once(_by_class)[service.spec.load_balancer_class]
    if len(alike) < 2 or any(one.status.load_balancer.ingress for one in alike):
        return ()
    return (Ref("LoadBalancerClass", "", service.spec.load_balancer_class or "default"),)


def _by_class(snapshot: Snapshot) -> dict[str, list[Service]]:
    found: dict[str, list[Service]] = {}
    for service in snapshot.seen(Service):
        if _is_load_balancer(service):
            found.setdefault(service.spec.load_balancer_class, []).append(service)
    return found
