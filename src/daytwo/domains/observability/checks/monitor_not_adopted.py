"""The check `observability/monitor-not-adopted`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Evidence, Hit
from daytwo.model.monitoring import Monitor, PodMonitor, Prometheus, PrometheusAgent, ServiceMonitor
from daytwo.model.path import join
from daytwo.model.ref import Ref
from daytwo.model.repair import Edit, Repair
from daytwo.model.selector import Selector
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_NAMESPACE_NAME = "kubernetes.io/metadata.name"


@check(
    ServiceMonitor,
    PodMonitor,
    heading=Heading.OBSERVABILITY,
    severity=Severity.MEDIUM,
    by_hand="which Prometheus is to take it is for those who run them to say",
)
def monitor_not_adopted(monitor: Monitor, snapshot: Snapshot) -> Iterator[Hit]:
    """A monitor that no Prometheus selects, neither by its labels nor by its namespace.

    Why: nobody reads it: its metrics are missing, and no error is told.
    Fix: give the monitor the labels that the Prometheus selects (with kube-prometheus-stack: release), or widen
    serviceMonitorSelector and serviceMonitorNamespaceSelector.
    Source: https://prometheus-operator.dev/docs/platform/troubleshooting/
    Not: clusters without any Prometheus of the operator: others read monitors as well. An empty selector takes every monitor, an
    absent one none; an absent one of namespaces means the Prometheus' own.
    """
    known = (*snapshot.of(Prometheus), *snapshot.of(PrometheusAgent)) if not snapshot.is_of_files else _of_files(snapshot)
    if not known:
        return
    refusals = []
    for prometheus in known:
        why = _refusal(prometheus, monitor, snapshot)
        if not why:
            return
        refusals.append(f"Prometheus {prometheus.namespace}/{prometheus.name} {why}")
    yield Hit(
        f"no Prometheus takes it: {refusals[0]}",
        path="metadata.labels",
        fix="give it the labels that the Prometheus selects, or widen the Prometheus' selector",
        evidence=tuple(Evidence(refusal) for refusal in refusals[:3]),
        repair=_labelled(known[0], monitor) if len(known) == 1 else None,
    )


def _labelled(prometheus: Prometheus, monitor: Monitor) -> Repair | None:
    """The labels that the only Prometheus there is asks for, where the monitor has none of these keys, and its namespace is taken."""
    spec = prometheus.spec
    is_of_pods = isinstance(monitor, PodMonitor)
    selector = spec.pod_monitor_selector if is_of_pods else spec.service_monitor_selector
    namespaces = spec.pod_monitor_namespace_selector if is_of_pods else spec.service_monitor_namespace_selector
    is_taken_there = monitor.namespace == prometheus.namespace if namespaces is None else namespaces.is_empty
    if selector is None or selector.match_expressions or not is_taken_there or monitor.labels.keys() & selector.match_labels.keys():
        return None
    return Repair(tuple(Edit(join("metadata.labels", key), value) for key, value in selector.match_labels.items()))


def _of_files(snapshot: Snapshot) -> tuple[Prometheus, ...]:
    """Those among the files: Unseen when there are none, as they most often stand elsewhere."""
    if not snapshot.is_read(PrometheusAgent.KIND):
        snapshot.require(Prometheus.KIND)
    return (*snapshot.seen(Prometheus), *snapshot.seen(PrometheusAgent))


def _refusal(prometheus: Prometheus, monitor: Monitor, snapshot: Snapshot) -> str:
    """Why a Prometheus does not take a monitor; empty when it does. Raises Unseen when the labels of a namespace decide."""
    spec = prometheus.spec
    is_of_pods = isinstance(monitor, PodMonitor)
    selector = spec.pod_monitor_selector if is_of_pods else spec.service_monitor_selector
    namespaces = spec.pod_monitor_namespace_selector if is_of_pods else spec.service_monitor_namespace_selector
    field = "podMonitorSelector" if is_of_pods else "serviceMonitorSelector"
    if selector is None:
        return f"has no {field}, so it takes none"
    if not selector.matches(monitor.labels):
        return f"takes those with {selector}"
    if namespaces is None:
        return "" if monitor.namespace == prometheus.namespace else f"takes those of its own namespace {prometheus.namespace} alone"
    if namespaces.is_empty or namespaces.matches(_labels(monitor.namespace, namespaces, snapshot)):
        return ""
    return f"takes those of namespaces with {namespaces}"


def _labels(namespace: str, selector: Selector, snapshot: Snapshot) -> dict[str, str]:
    found = snapshot.find(Ref(Namespace.KIND, "", namespace))
    keys = {*selector.match_labels, *(one.key for one in selector.match_expressions)}
    if found is None and keys - {_NAMESPACE_NAME}:
        found = snapshot.get(Namespace, "", namespace)
    return {**(found.labels if found is not None else {}), _NAMESPACE_NAME: namespace}
