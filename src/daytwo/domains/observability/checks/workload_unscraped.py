"""The check `observability/workload-unscraped`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.observability.annotations import is_scraped_by_annotation
from daytwo.domains.observability.scraping import require_monitors, scrapes_of, selecting
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.targets import ports_of
from daytwo.model.workload import CronJob, Job

_SYSTEM: Final = frozenset({"kube-system", "kube-public", "kube-node-lease"})
# Who sends its own metrics is not scraped: OpenTelemetry, Datadog, StatsD.
# Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
_PUSHES: Final = ("OTEL_EXPORTER_OTLP", "OTEL_METRICS_EXPORTER", "DD_AGENT_HOST", "DD_DOGSTATSD", "STATSD_HOST")
# Agents that look at pods by annotations of their own, or put a collector into them.
_AGENTS: Final = (
    "ad.datadoghq.com/",
    "instrumentation.opentelemetry.io/inject-",
    "sidecar.opentelemetry.io/inject",
    "k8s.grafana.com/",
    "co.elastic.metrics/",
    "newrelic.io/scrape",
    "metrics.dynatrace.com/",
)


def _runs_on(runnable: Runnable) -> bool:
    """Whether it runs on and on: what ends sends its metrics before it does, or leaves them to who watches Jobs."""
    return not isinstance(runnable, Job | CronJob) and runnable.namespace not in _SYSTEM and runnable.pod_spec.restart_policy == "Always"


@check(
    Runnable,
    heading=Heading.OBSERVABILITY,
    severity=Severity.LOW,
    applies=_runs_on,
    by_hand="at which port and path the program tells its metrics is for those who know it to say",
)
def workload_unscraped(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload that others connect to and whose metrics nobody collects.

    Why: no alert, no dashboard and no objective can know of it: the first to notice an outage are its users.
    Fix: add a ServiceMonitor that selects its Service, or a PodMonitor, and name the port that tells metrics.
    Source: https://prometheus-operator.dev/docs/developer/getting-started/
    Not: Jobs; pods that declare no port and that no Service selects; programs that send their metrics themselves (OpenTelemetry,
    Datadog, StatsD); pods with annotations of another agent. Monitors of the Prometheus operator, of VictoriaMetrics and of Google
    Cloud count, and the annotations prometheus.io/scrape on pods and Services.
    """
    if scrapes_of(runnable, snapshot) or is_scraped_by_annotation(runnable, snapshot) or _is_measured_otherwise(runnable):
        return
    services = snapshot.services_selecting(runnable.pod_labels, runnable.namespace)
    if not services:
        # A Service that was not seen may lead to them, and a monitor through it.
        snapshot.require(Service.KIND, runnable.namespace)
    if not services and not any(True for _ in ports_of((runnable,))):
        return
    require_monitors(snapshot)
    near = selecting(runnable, snapshot)
    if near is not None:
        yield Hit(
            f"nobody collects its metrics: {near.KIND} {near.namespace}/{near.name} selects it, and reaches no port of its pods",
            path=runnable.pod_path,
            fix=f"name a port in {near.KIND} {near.name} that the pods have",
        )
        return
    yield Hit(
        "nobody collects its metrics: no monitor selects it, and no annotation asks for it",
        path=f"{runnable.template_path}metadata",
        fix="add a ServiceMonitor or PodMonitor that selects it and names the port of its metrics",
    )


def _is_measured_otherwise(runnable: Runnable) -> bool:
    if any(key.startswith(_AGENTS) for key in runnable.pod_annotations):
        return True
    return any(variable.name.startswith(_PUSHES) for placed in runnable.running_containers() for variable in placed.container.env)
