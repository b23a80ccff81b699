"""The check `observability/scrape-timeout-too-long`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.observability.durations import scrape_duration
from daytwo.model.finding import Hit
from daytwo.model.monitoring import Monitor, PodMonitor, Prometheus, ServiceMonitor
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(ServiceMonitor, PodMonitor, heading=Heading.OBSERVABILITY, severity=Severity.MEDIUM)
def scrape_timeout_too_long(monitor: Monitor, snapshot: Snapshot) -> Iterator[Hit]:
    """A monitor whose scrapeTimeout is longer than its interval.

    Why: the operator refuses the whole monitor, so nothing of it is measured; only the operator's log tells.
    Fix: make scrapeTimeout at most as long as the interval.
    Source: https://prometheus-operator.dev/docs/api-reference/api/
    Not: monitors without interval of their own, unless every Prometheus that was seen has the same.
    """
    intervals = {prometheus.spec.scrape_interval for prometheus in snapshot.seen(Prometheus)}
    default = next(iter(intervals)) if len(intervals) == 1 else ""
    for path, endpoint in monitor.endpoints:
        text = endpoint.interval or default
        interval, timeout = scrape_duration(text), scrape_duration(endpoint.scrape_timeout)
        if interval is not None and timeout is not None and timeout > interval:
            field = f"{path}.scrapeTimeout"
            yield Hit(
                f"is refused: its scrapeTimeout of {endpoint.scrape_timeout} is longer than the interval of {text}",
                path=field,
                item=path,
                fix=f"write scrapeTimeout: {text}",
                # The operator does not take it at all now.
                repair=setting(field, text),
            )
