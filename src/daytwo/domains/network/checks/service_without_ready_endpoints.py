"""The check `network/service-without-ready-endpoints`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.declared import declared_faults
from daytwo.domains.network.outage import dead_ports, is_cluster_dns, outage
from daytwo.model.command import Command, kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.nearness import nearest
from daytwo.model.network import SERVICE_NAME, Service, ServicePort
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


def _selects(service: Service) -> bool:
    return service.selector is not None and service.spec.type != "ExternalName" and not service.is_terminating


@check(
    Service,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=_selects,
    by_hand="which pods are meant is for those who wrote the Service to say",
    basis=Basis.BOTH,
)
def service_without_ready_endpoints(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """A Service that nobody answers for: no ready endpoint, or a port that no endpoint has.

    Why: every connection to it is refused or times out. The reason is told: no pod matches the selector (with the labels that come
    nearest), no selected pod is ready, all are terminating, or the named targetPort is no container's port.
    Fix: repair the workload behind it; where the selector or the targetPort has a typo, correct that.
    Source: https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/
    Not: Services without selector, ExternalName, Services whose only workload is scaled to zero or runs as Jobs, a first rollout
    within its deadline, the first two minutes. A Service that selects nothing, that nothing routes to and whose selector resembles
    no workload is a leftover or waits for pods that come later: hygiene, not a fault. In files it is the pod templates that are held
    against the selector and the named targetPorts, and labels that only pods carry, such as the role of a database's leader, are not
    asked of templates; a number may be listened on without being declared.
    """
    if service.is_declared:
        yield from declared_faults(service, snapshot)
        return
    found = outage(service, snapshot)
    if found is None:
        for index, port in dead_ports(service, snapshot):
            yield _dead_port(service, index, port, snapshot)
        return
    if is_cluster_dns(service):
        severity: Severity | None = Severity.CRITICAL
    else:
        severity = Severity.LOW if found.harm is Harm.NONE else None
    yield Hit(
        f"has no ready endpoint: {found.why}",
        path="spec.selector" if found.is_selector_wrong else "",
        fix=found.fix,
        since=found.since,
        evidence=found.evidence,
        because=found.because,
        confirm=_read_selector(service) if found.is_selector_wrong else _read_endpoints(service),
        harm=found.harm,
        severity=severity,
    )


def _dead_port(service: Service, index: int, port: ServicePort, snapshot: Snapshot) -> Hit:
    name = port.name or str(port.port)
    pods = [pod for pod in snapshot.pods_selected_by(service) if pod.is_active]
    offered = {one.name: one.container_port for pod in pods for container in pod.spec.containers for one in container.ports if one.name}
    has = ", ".join(f"{known} ({number})" for known, number in sorted(offered.items())[:5]) or "no named port"
    meant = nearest(str(port.target_port), offered)
    return Hit(
        f"its port {name} leads nowhere: no container has a port named {port.target_port}",
        path=f"spec.ports[{index}].targetPort",
        item=name,
        fix=f"write targetPort: {meant}" if meant else "write the name or number of a container's port as targetPort",
        evidence=(
            Evidence(f"Service {service.name}: port {name} has targetPort {port.target_port}"),
            Evidence(f"the pods it selects have {has}" if pods else f"its EndpointSlices have ready endpoints without port {name}"),
        ),
        confirm=_read_selector(service),
        severity=Severity.CRITICAL if is_cluster_dns(service) and port.port == 53 else None,
    )


def _read_selector(service: Service) -> Command:
    return kubectl("get", "svc", service.name, "-o", "jsonpath={.spec.selector} {.spec.ports[*].targetPort}", namespace=service.namespace)


def _read_endpoints(service: Service) -> Command:
    return kubectl("get", "endpointslice", "-l", f"{SERVICE_NAME}={service.name}", namespace=service.namespace)
