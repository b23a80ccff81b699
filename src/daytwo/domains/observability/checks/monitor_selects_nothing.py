"""The check `observability/monitor-selects-nothing`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.observability.scraping import (
    OF_PODS,
    is_everywhere,
    namespaces_of,
    services_elsewhere,
    services_selected,
    templates_monitored,
)
from daytwo.model.control_plane import CustomResourceDefinition
from daytwo.model.finding import Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.monitoring import ClusterPodMonitoring, Monitor, PodMonitor, PodMonitoring, ServiceMonitor, VMPodScrape, VMServiceScrape
from daytwo.model.nearness import near_labels
from daytwo.model.network import Service
from daytwo.model.ref import Cell
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.templates import is_of_passing_pods, selects_some, templates_selected

# How many Services of a namespace are compared, or the search would grow with the square of what is wrong.
_MOST: Final = 200


@check(
    ServiceMonitor,
    VMServiceScrape,
    PodMonitor,
    VMPodScrape,
    PodMonitoring,
    ClusterPodMonitoring,
    heading=Heading.OBSERVABILITY,
    severity=Severity.LOW,
    applies=lambda monitor: not is_of_passing_pods(monitor.spec.selector),
    by_hand="what it is to measure is for those who wrote it to say",
)
def monitor_selects_nothing(monitor: Monitor, snapshot: Snapshot) -> Iterator[Hit]:
    """A monitor that selects no Service, or no pod: it measures nothing.

    Why: the metrics are missing, and an alert on metrics that are missing never fires.
    Fix: write the labels of the Service (of the pods, for a PodMonitor) into selector, and their namespace into namespaceSelector.
    Source: https://prometheus-operator.dev/docs/developer/getting-started/
    Not: the empty selector. A ServiceMonitor goes by the labels of Services, which need not be those of the pods behind them.
    """
    if isinstance(monitor, OF_PODS):
        yield from _of_pods(monitor, snapshot)
        return
    if services_selected(monitor, snapshot):
        return
    if not snapshot.is_of_files:
        # Whatever is told beside it rests on there being no such Service where it looks.
        _require_services(monitor, snapshot)
    selector = monitor.spec.selector
    where = _where(monitor)
    elsewhere = services_elsewhere(monitor, snapshot)
    pods = [one for namespace in namespaces_of(monitor, snapshot) for one in templates_selected(selector, namespace, snapshot)]
    near = _nearest_service(monitor, snapshot)
    if elsewhere is not None:
        yield Hit(
            f"measures nothing: no Service {where} has {selector}; Service {elsewhere.name} of namespace {elsewhere.namespace} has",
            path="spec.namespaceSelector",
            fix=f"write matchNames: [{elsewhere.namespace}] in spec.namespaceSelector",
            # It measures nothing now, and selects by these labels on purpose.
            repair=setting("spec.namespaceSelector.matchNames", [elsewhere.namespace]),
            severity=Severity.MEDIUM,
        )
    elif pods and not selector.is_empty:
        one = pods[0].ref
        yield Hit(
            f"measures nothing: no Service {where} has {selector}; the pods of {one.kind} {one.name} have, and it goes by Services' labels",
            path="spec.selector",
            fix="put the labels on the Service too, or write a PodMonitor",
            severity=Severity.MEDIUM,
        )
    elif near:
        yield Hit(f"measures nothing: no Service {where} has {selector}; {near}", path="spec.selector", severity=Severity.MEDIUM)
    else:
        _require_services(monitor, snapshot)
        yield Hit(f"measures nothing: no Service {where} has {selector}", path="spec.selector", fix="correct spec.selector, or delete it")


def _of_pods(monitor: Monitor, snapshot: Snapshot) -> Iterator[Hit]:
    selector = monitor.spec.selector
    if templates_monitored(monitor, snapshot) or any(selects_some(selector, one, snapshot) for one in namespaces_of(monitor, snapshot)):
        return
    if is_everywhere(monitor) and snapshot.is_of_files:
        raise Unseen(Gap("files", "workloads of other namespaces", "not among these files", Cell("Deployment")))
    if not snapshot.is_of_files:
        # Workloads of custom kinds are found by the definitions of these.
        snapshot.require(CustomResourceDefinition.KIND)
    yield Hit(
        f"measures nothing: no workload's pods {_where(monitor)} match {selector}",
        path="spec.selector",
        fix="write the labels of the pod template into spec.selector, and its namespace into spec.namespaceSelector",
    )


def _where(monitor: Monitor) -> str:
    if is_everywhere(monitor):
        return "of any namespace"
    names = monitor.spec.namespace_selector.match_names or (monitor.namespace,)
    return f"of namespace {', '.join(names[:3])}"


def _nearest_service(monitor: Monitor, snapshot: Snapshot) -> str:
    wanted = monitor.spec.selector.match_labels
    if is_everywhere(monitor) or not wanted:
        return ""
    for namespace in namespaces_of(monitor, snapshot):
        for service in snapshot.seen(Service, namespace)[:_MOST]:
            instead = near_labels(wanted, service.labels)
            if instead:
                return f"nearest is Service {service.name} with {','.join(f'{key}={value}' for key, value in sorted(instead.items()))}"
    return ""


def _require_services(monitor: Monitor, snapshot: Snapshot) -> None:
    """Raises Unseen unless the Services were looked at wherever the monitor looks; of files those of other namespaces stand elsewhere."""
    if is_everywhere(monitor):
        snapshot.require(Service.KIND)
        if snapshot.is_of_files:
            raise Unseen(Gap("files", "Services of other namespaces", "not among these files", Cell(Service.KIND)))
        return
    for namespace in namespaces_of(monitor, snapshot):
        snapshot.require(Service.KIND, namespace)
        if snapshot.is_of_files and not snapshot.seen(Service, namespace):
            raise Unseen(Gap("files", f"Services of namespace {namespace}", "not among these files", Cell(Service.KIND, namespace)))
