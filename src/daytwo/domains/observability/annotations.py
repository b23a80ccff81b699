"""The annotations by which a Prometheus without operator finds what to scrape: a habit that its example configuration began.

Source: https://github.com/prometheus/prometheus/blob/main/documentation/examples/prometheus-kubernetes.yml
"""

from typing import Final

from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot

SCRAPE: Final = "prometheus.io/scrape"
PORT: Final = "prometheus.io/port"
PATH: Final = "prometheus.io/path"
SCHEME: Final = "prometheus.io/scheme"


def is_scraped_by_annotation(runnable: Runnable, snapshot: Snapshot) -> bool:
    """Whether its pods ask to be scraped, or a Service that selects them does."""
    if runnable.pod_annotations.get(SCRAPE) == "true":
        return True
    services = snapshot.services_selecting(runnable.pod_labels, runnable.namespace)
    return any(service.annotations.get(SCRAPE) == "true" for service in services)
