"""The check `observability/scrape-interval-too-long`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.observability.durations import scrape_duration
from daytwo.model.finding import Hit
from daytwo.model.monitoring import Monitor, PodMonitor, Prometheus, ServiceMonitor, VMPodScrape, VMServiceScrape
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# A series without a sample for so long is gone.
_STALE: Final = timedelta(minutes=5)


@check(
    ServiceMonitor,
    PodMonitor,
    VMServiceScrape,
    VMPodScrape,
    Prometheus,
    heading=Heading.OBSERVABILITY,
    severity=Severity.LOW,
    by_hand="how often the program can be asked is for those who know it to say",
)
def scrape_interval_too_long(subject: Monitor | Prometheus, snapshot: Snapshot) -> Iterator[Hit]:
    """A scrape interval of five minutes or more.

    Why: Prometheus forgets a series after five minutes without a sample, so graphs have holes and alerts resolve between scrapes.
    Fix: scrape every minute; where that is too dear, at most every two.
    Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness
    """
    if isinstance(subject, Prometheus):
        found = [("spec.scrapeInterval", subject.spec.scrape_interval)]
    else:
        found = [(f"{path}.interval", endpoint.interval) for path, endpoint in subject.endpoints]
    for path, text in found:
        interval = scrape_duration(text)
        if interval is not None and interval >= _STALE:
            yield Hit(
                f"scrapes every {text}: after 5m without a sample a series is gone",
                path=path,
                item=path,
                fix="scrape at least every two minutes",
            )
