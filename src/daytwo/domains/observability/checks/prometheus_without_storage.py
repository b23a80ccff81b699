"""The check `observability/prometheus-without-storage`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.monitoring import Prometheus
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Prometheus,
    heading=Heading.OBSERVABILITY,
    severity=Severity.MEDIUM,
    by_hand="how much it is to keep, and on which storage class, is for those who run it to say",
)
def prometheus_without_storage(prometheus: Prometheus, snapshot: Snapshot) -> Iterator[Hit]:
    """A Prometheus that keeps its series in an emptyDir.

    Why: they are gone with the pod: the next drain of its node deletes the history that alerts and objectives go by.
    Fix: set spec.storage.volumeClaimTemplate.
    Source: https://prometheus-operator.dev/docs/platform/storage/
    Not: one that hands its series on by remoteWrite.
    """
    spec = prometheus.spec
    if (spec.storage is None or not spec.storage.is_lasting) and not spec.remote_write:
        yield Hit(
            "loses its series with its pod: they are kept in an emptyDir",
            path="spec.storage",
            fix="set spec.storage.volumeClaimTemplate",
        )
