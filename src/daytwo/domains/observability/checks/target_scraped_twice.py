"""The check `observability/target-scraped-twice`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.observability.scraping import Scrape, scrapes_of
from daytwo.model.finding import Hit
from daytwo.model.monitoring import ClusterPodMonitoring, PodMonitoring, VMPodScrape, VMServiceScrape
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# Whose collectors read them: VictoriaMetrics' operator makes its own monitors of those of Prometheus.
_FAMILIES: Final = {
    VMServiceScrape.KIND: "VictoriaMetrics",
    VMPodScrape.KIND: "VictoriaMetrics",
    PodMonitoring.KIND: "Google",
    ClusterPodMonitoring.KIND: "Google",
}


@check(
    Runnable,
    heading=Heading.OBSERVABILITY,
    severity=Severity.LOW,
    by_hand="which of the two is to go is for those who run the monitors to say",
)
def target_scraped_twice(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods of which one port and path is scraped twice: through two Services of one monitor, or by two monitors.

    Why: every sum over the series counts double: request rates, error budgets, and what autoscalers go by.
    Fix: select one of the Services, by a label that the other (most often the headless one) does not have.
    Source: https://prometheus-operator.dev/docs/platform/troubleshooting/
    Not: monitors of VictoriaMetrics or of Google beside those of Prometheus: other collectors read them; different paths of one port.
    """
    found: dict[tuple[str, int | str, str], list[Scrape]] = {}
    for scrape in scrapes_of(runnable, snapshot):
        found.setdefault((_FAMILIES.get(scrape.monitor.KIND, ""), scrape.port, scrape.metrics_path or "/metrics"), []).append(scrape)
    for (_, port, path), scrapes in found.items():
        ways = sorted({_way(scrape) for scrape in scrapes})
        if port and len(ways) > 1:
            yield Hit(
                f"its port {port} is scraped {len(ways)} times: by {' and '.join(ways[:3])}",
                path=runnable.pod_path,
                item=f"{port}{path}",
                fix="leave one of them out",
            )


def _way(scrape: Scrape) -> str:
    through = f" through Service {scrape.through}" if scrape.through else ""
    return f"{scrape.monitor.KIND} {scrape.monitor.namespace}/{scrape.monitor.name}{through}"
