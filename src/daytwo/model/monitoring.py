"""Who scrapes what: the monitors of the Prometheus operator and their likes elsewhere."""

from typing import ClassVar

import msgspec

from daytwo.model.metadata import Resource
from daytwo.model.selector import Selector


class NamespaceChoice(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Every namespace, those named, or (where it says nothing) the monitor's own."""

    any: bool = False
    match_names: tuple[str, ...] = ()


class ScrapeEndpoint(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """`port` names a port of the Service, of a PodMonitor one of a container; `target_port` is a container's, by name or number."""

    port: str | int = ""
    port_number: int | None = None
    target_port: str | int | None = None
    path: str = ""
    interval: str = ""
    scrape_timeout: str = ""


class MonitorSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """`endpoints` of monitors of Services, `pod_metrics_endpoints` of monitors of pods."""

    selector: Selector = Selector()
    namespace_selector: NamespaceChoice = NamespaceChoice()
    endpoints: tuple[ScrapeEndpoint, ...] = ()
    pod_metrics_endpoints: tuple[ScrapeEndpoint, ...] = ()


class Monitor(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """The common face of all that tell a Prometheus what to scrape."""

    spec: MonitorSpec = MonitorSpec()

    @property
    def endpoints(self) -> tuple[tuple[str, ScrapeEndpoint], ...]:
        """Each endpoint with the path to it."""
        field, found = (
            ("endpoints", self.spec.endpoints) if self.spec.endpoints else ("podMetricsEndpoints", self.spec.pod_metrics_endpoints)
        )
        return tuple((f"spec.{field}[{index}]", endpoint) for index, endpoint in enumerate(found))


class ServiceMonitor(Monitor, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "ServiceMonitor"


class PodMonitor(Monitor, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "PodMonitor"


class VMServiceScrape(Monitor, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """VictoriaMetrics' ServiceMonitor."""

    KIND: ClassVar[str] = "VMServiceScrape"


class VMPodScrape(Monitor, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """VictoriaMetrics' PodMonitor."""

    KIND: ClassVar[str] = "VMPodScrape"


class PodMonitoring(Monitor, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """Google Cloud's PodMonitor, of its own namespace."""

    KIND: ClassVar[str] = "PodMonitoring"


class ClusterPodMonitoring(Monitor, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """Google Cloud's PodMonitor of all namespaces."""

    KIND: ClassVar[str] = "ClusterPodMonitoring"


class Storage(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Where a Prometheus keeps its series; `is_lasting` unless that is said to be an emptyDir."""

    class Volume(msgspec.Struct, frozen=True, gc=False):
        """Of which only the presence counts."""

    empty_dir: Volume | None = None

    @property
    def is_lasting(self) -> bool:
        return self.empty_dir is None


class RemoteWrite(msgspec.Struct, frozen=True, gc=False):
    """Of which only the presence counts: its URL and credentials are nobody's business."""


class PrometheusSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """An absent selector of monitors selects none, an empty one all; an absent one of namespaces means the own.

    Source: https://prometheus-operator.dev/docs/api-reference/api/
    """

    service_monitor_selector: Selector | None = None
    service_monitor_namespace_selector: Selector | None = None
    pod_monitor_selector: Selector | None = None
    pod_monitor_namespace_selector: Selector | None = None
    scrape_interval: str = "30s"
    scrape_timeout: str = ""
    evaluation_interval: str = "30s"
    storage: Storage | None = None
    remote_write: tuple[RemoteWrite, ...] = ()


class Prometheus(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Prometheus"

    spec: PrometheusSpec = PrometheusSpec()


class PrometheusAgent(Prometheus, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """One that only scrapes and hands on."""

    KIND: ClassVar[str] = "PrometheusAgent"
