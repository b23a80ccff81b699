"""Who scrapes what, as far as it is declared: monitors, the Services and pods they select, the ports they reach.

Source: https://prometheus-operator.dev/docs/api-reference/api/
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

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
from daytwo.model.network import Service, ServicePort
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot
from daytwo.model.targets import leads_to, number_of, ports_of, served_templates
from daytwo.model.templates import templates_selected

OF_SERVICES: Final[tuple[type[Monitor], ...]] = (ServiceMonitor, VMServiceScrape)
OF_PODS: Final[tuple[type[Monitor], ...]] = (PodMonitor, VMPodScrape, PodMonitoring, ClusterPodMonitoring)
MONITORS: Final = (*OF_SERVICES, *OF_PODS)


@dataclass(frozen=True, slots=True)
class Scrape:
    """That an endpoint of a monitor reaches a port of some pods; `through` is the Service it goes through, empty for pods themselves."""

    monitor: Monitor
    path: str
    through: str
    port: int | str
    metrics_path: str


def is_everywhere(monitor: Monitor) -> bool:
    return monitor.spec.namespace_selector.any or isinstance(monitor, ClusterPodMonitoring)


def namespaces_of(monitor: Monitor, snapshot: Snapshot) -> tuple[str, ...]:
    """Where a monitor looks: the namespaces it names, all that were seen, or its own."""
    if is_everywhere(monitor):
        return snapshot.namespaces
    return monitor.spec.namespace_selector.match_names or (monitor.namespace,)


def services_selected(monitor: Monitor, snapshot: Snapshot) -> tuple[Service, ...]:
    """The Services that were seen and that a monitor selects, by their own labels."""
    selector, found = monitor.spec.selector, []
    pair = next(iter(selector.match_labels.items()), None)
    if is_everywhere(monitor):
        candidates: Sequence[Service] = snapshot.once(_by_label).get(("", *pair), ()) if pair is not None else snapshot.seen(Service)
        return tuple(service for service in candidates if selector.matches(service.labels))
    for namespace in namespaces_of(monitor, snapshot):
        candidates = snapshot.once(_by_label).get((namespace, *pair), ()) if pair is not None else snapshot.seen(Service, namespace)
        found += [service for service in candidates if selector.matches(service.labels)]
    return tuple(found)


def templates_monitored(monitor: Monitor, snapshot: Snapshot) -> tuple[Runnable, ...]:
    """The workloads whose pods a monitor of pods selects, as far as they were seen."""
    selector = monitor.spec.selector
    return tuple(one for namespace in namespaces_of(monitor, snapshot) for one in templates_selected(selector, namespace, snapshot))


def service_ports(endpoint: ScrapeEndpoint, service: Service) -> tuple[ServicePort, ...]:
    """The ports of a Service that an endpoint means: by its name, or any where it goes by the container's port or by none."""
    if endpoint.port:
        return tuple(port for port in service.spec.ports if port.name == str(endpoint.port))
    return service.spec.ports


def reaches_pod(endpoint: ScrapeEndpoint, runnable: Runnable) -> bool:
    """Whether pods have the port that an endpoint means: a port that no container declares is not found, by number either."""
    wanted = pod_port(endpoint)
    return wanted is None or any(wanted in (one.name, one.container_port) for one in ports_of((runnable,)))


def pod_port(endpoint: ScrapeEndpoint) -> int | str | None:
    """The container's port that a monitor of pods means, by name or number; None where it takes any."""
    if endpoint.port:
        return endpoint.port
    if endpoint.port_number is not None:
        return endpoint.port_number
    return endpoint.target_port or None


def target_port(endpoint: ScrapeEndpoint) -> int | str | None:
    """The container's port that a monitor of Services means; the Service's port takes precedence."""
    return None if endpoint.port else endpoint.target_port or None


def scrapes_of(runnable: Runnable, snapshot: Snapshot) -> Sequence[Scrape]:
    """Whoever was seen to scrape these pods."""
    return snapshot.once(_scrapes).get(runnable.ref, ())


def _scrapes(snapshot: Snapshot) -> Mapping[Ref, list[Scrape]]:
    found: dict[Ref, list[Scrape]] = {}
    for kind in OF_SERVICES:
        for monitor in snapshot.seen(kind):
            for service in services_selected(monitor, snapshot):
                for runnable in served_templates(service, snapshot):
                    found.setdefault(runnable.ref, []).extend(_through(monitor, service, runnable))
    for kind in OF_PODS:
        for monitor in snapshot.seen(kind):
            for runnable in templates_monitored(monitor, snapshot):
                found.setdefault(runnable.ref, []).extend(_direct(monitor, runnable))
    return {ref: scrapes for ref, scrapes in found.items() if scrapes}


def _through(monitor: Monitor, service: Service, runnable: Runnable) -> Iterator[Scrape]:
    for path, endpoint in monitor.endpoints:
        wanted = target_port(endpoint)
        if wanted is not None:
            if any(wanted in (one.name, one.container_port) for one in ports_of((runnable,))):
                yield Scrape(monitor, path, service.name, number_of(wanted, runnable), endpoint.path)
            continue
        for port in service_ports(endpoint, service):
            if leads_to(port, runnable):
                yield Scrape(monitor, path, service.name, number_of(port.pod_port, runnable), endpoint.path)


def _direct(monitor: Monitor, runnable: Runnable) -> Iterator[Scrape]:
    for path, endpoint in monitor.endpoints:
        wanted = pod_port(endpoint)
        if reaches_pod(endpoint, runnable):
            yield Scrape(monitor, path, "", number_of(wanted, runnable) if wanted is not None else "", endpoint.path)


def _by_label(snapshot: Snapshot) -> Mapping[tuple[str, str, str], list[Service]]:
    """Services by each of their labels, in their namespace and in all of them."""
    found: dict[tuple[str, str, str], list[Service]] = {}
    for service in snapshot.seen(Service):
        for key, value in service.labels.items():
            found.setdefault((service.namespace, key, value), []).append(service)
            found.setdefault(("", key, value), []).append(service)
    return found


def require_monitors(snapshot: Snapshot) -> None:
    """Raises Unseen unless whatever monitors there may be were looked at; of files any kind will do, as nobody writes them all."""
    if not snapshot.is_of_files:
        for kind in MONITORS:
            snapshot.require(kind.KIND)
    elif not any(snapshot.is_read(kind.KIND) for kind in MONITORS):
        snapshot.require(ServiceMonitor.KIND)


def services_elsewhere(monitor: Monitor, snapshot: Snapshot) -> Service | None:
    """A Service that a monitor would select, in a namespace where it does not look."""
    selector = monitor.spec.selector
    pair = next(iter(selector.match_labels.items()), None)
    if pair is None or is_everywhere(monitor):
        return None
    return next((one for one in snapshot.once(_by_label).get(("", *pair), ()) if selector.matches(one.labels)), None)


def selecting(runnable: Runnable, snapshot: Snapshot) -> Monitor | None:
    """A monitor that selects a workload's pods, whether or not it reaches a port of theirs."""
    return snapshot.once(_selecting).get(runnable.ref)


def _selecting(snapshot: Snapshot) -> Mapping[Ref, Monitor]:
    found: dict[Ref, Monitor] = {}
    for kind in OF_SERVICES:
        for monitor in snapshot.seen(kind):
            for service in services_selected(monitor, snapshot):
                for runnable in served_templates(service, snapshot):
                    found.setdefault(runnable.ref, monitor)
    for kind in OF_PODS:
        for monitor in snapshot.seen(kind):
            for runnable in templates_monitored(monitor, snapshot):
                found.setdefault(runnable.ref, monitor)
    return found
