"""The check `observability/monitor-port-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.observability.scraping import (
    OF_PODS,
    pod_port,
    reaches_pod,
    service_ports,
    services_selected,
    target_port,
    templates_monitored,
)
from daytwo.model.finding import Hit
from daytwo.model.monitoring import (
    ClusterPodMonitoring,
    Monitor,
    PodMonitor,
    PodMonitoring,
    ScrapeEndpoint,
    ServiceMonitor,
    VMPodScrape,
    VMServiceScrape,
)
from daytwo.model.nearness import nearest
from daytwo.model.network import Service
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.targets import leads_to, ports_of, served_templates


@check(
    ServiceMonitor,
    VMServiceScrape,
    PodMonitor,
    VMPodScrape,
    PodMonitoring,
    ClusterPodMonitoring,
    heading=Heading.OBSERVABILITY,
    severity=Severity.MEDIUM,
    by_hand="which port tells the metrics is for those who know the program to say",
)
def monitor_port_missing(monitor: Monitor, snapshot: Snapshot) -> Iterator[Hit]:
    """A monitor whose endpoint names a port that nothing it selects has.

    Why: no target is made of it and no error is told: the metrics are missing, and so is every alert on them.
    Fix: name a port of the Service by its name; in a PodMonitor, and in targetPort, one that a container declares.
    Source: https://prometheus-operator.dev/docs/api-reference/api/
    Not: monitors that select nothing, which is told apart; an endpoint without port. A number in a ServiceMonitor's targetPort has to
    be declared by a container, though a Service could do without.
    """
    is_of_pods = isinstance(monitor, OF_PODS)
    for index, (path, endpoint) in enumerate(monitor.endpoints):
        why = _of_pods(monitor, endpoint, snapshot) if is_of_pods else _of_services(monitor, endpoint, snapshot)
        if why is None:
            continue
        message, field, meant = why
        yield Hit(
            message,
            path=f"{path}.{field}",
            item=str(index),
            fix=f"write {field}: {meant}" if meant else "name a port that is there",
            # It measures nothing now, and one name is meant: there is nothing to lose.
            repair=setting(f"{path}.{field}", meant) if meant else None,
        )


def _of_services(monitor: Monitor, endpoint: ScrapeEndpoint, snapshot: Snapshot) -> tuple[str, str, str] | None:
    """What to say, the field at fault, and the name that was meant."""
    services = services_selected(monitor, snapshot)
    if not services:
        return None
    first = f"Service {services[0].name}" + (f" and {len(services) - 1} more" if len(services) > 1 else "")
    if endpoint.port:
        ports = [port for service in services for port in service_ports(endpoint, service)]
        if not ports:
            names = sorted({port.name for service in services for port in service.spec.ports if port.name})
            numbers = sorted({str(port.port) for service in services for port in service.spec.ports if not port.name})
            has = ", ".join([*names[:5], *(f"{number} without a name" for number in numbers[:3])]) or "none"
            meant = nearest(str(endpoint.port), _that_lead_somewhere(services, snapshot))
            return f"reaches nothing: {first} has no port named {endpoint.port}; it has {has}", "port", meant
        templates = [
            (port, one) for service in services for port in service_ports(endpoint, service) for one in served_templates(service, snapshot)
        ]
        if templates and not any(leads_to(port, one) for port, one in templates):
            return f"reaches nothing: port {endpoint.port} of {first} leads to no port of its pods", "port", ""
        return None
    wanted = target_port(endpoint)
    if wanted is None:
        return None
    pods = [one for service in services for one in served_templates(service, snapshot)]
    declared = list(ports_of(pods))
    if not pods or any(wanted in (one.name, one.container_port) for one in declared):
        return None
    meant = nearest(str(wanted), {one.name for one in declared if one.name})
    return f"reaches nothing: no container behind {first} declares a port {wanted}", "targetPort", meant


def _that_lead_somewhere(services: tuple[Service, ...], snapshot: Snapshot) -> set[str]:
    """The names of ports that find one in some pod behind their Service, as far as pods are known."""
    found: set[str] = set()
    for service in services:
        templates = served_templates(service, snapshot)
        found.update(
            port.name for port in service.spec.ports if port.name and (not templates or any(leads_to(port, one) for one in templates))
        )
    return found


def _of_pods(monitor: Monitor, endpoint: ScrapeEndpoint, snapshot: Snapshot) -> tuple[str, str, str] | None:
    pods = templates_monitored(monitor, snapshot)
    if not pods or any(reaches_pod(endpoint, one) for one in pods):
        return None
    declared = list(ports_of(pods))
    has = (
        ", ".join(sorted({f"{one.name} ({one.container_port})" if one.name else str(one.container_port) for one in declared})[:5]) or "none"
    )
    meant = nearest(str(endpoint.port), {one.name for one in declared if one.name}) if endpoint.port else ""
    field = "port" if endpoint.port else "portNumber" if endpoint.port_number is not None else "targetPort"
    first = f"{pods[0].ref.kind} {pods[0].name}" + (f" and {len(pods) - 1} more" if len(pods) > 1 else "")
    return f"reaches nothing: no container of {first} declares a port {pod_port(endpoint)}; declared are {has}", field, meant
