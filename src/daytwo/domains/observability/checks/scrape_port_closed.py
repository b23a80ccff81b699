"""The check `observability/scrape-port-closed`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.observability.scraping import scrapes_of
from daytwo.model.finding import Hit
from daytwo.model.isolation import is_closed
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.OBSERVABILITY,
    severity=Severity.MEDIUM,
    applies=lambda runnable: not runnable.pod_spec.host_network,
    by_hand="from which namespace Prometheus asks is for those who run it to say",
)
def scrape_port_closed(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods that a monitor scrapes, at a port that no network policy lets anybody in at.

    Why: every scrape times out: the target is down for Prometheus, and its metrics are missing.
    Fix: add a NetworkPolicy that lets the namespace of Prometheus in at that port.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
    Not: pods that some policy of Cilium, Calico or the cluster's administrators selects, which may let in what others do not; whether
    it is Prometheus that a rule lets in is not asked.
    """
    told: set[int] = set()
    for scrape in scrapes_of(runnable, snapshot):
        port = scrape.port
        if not isinstance(port, int) or port in told or not is_closed(runnable, port, "TCP", snapshot):
            continue
        told.add(port)
        monitor = f"{scrape.monitor.KIND} {scrape.monitor.namespace}/{scrape.monitor.name}"
        yield Hit(
            f"{monitor} scrapes its port {port}, where network policies let nobody in",
            path=f"{runnable.template_path}metadata.labels",
            item=str(port),
            fix=f"add a NetworkPolicy that lets the namespace of Prometheus in at port {port}",
        )
