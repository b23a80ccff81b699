"""The check `readiness/governing-service-unfit`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import StatefulSet


@check(
    StatefulSet,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    applies=lambda workload: bool(workload.spec.service_name),
    by_hand="clusterIP cannot be changed once a Service exists, and others may use the Service",
)
def governing_service_unfit(workload: StatefulSet, snapshot: Snapshot) -> Iterator[Hit]:
    """The Service that a StatefulSet names has an address of its own, or does not select its pods.

    Why: only a headless Service that selects the pods gives each of them a name. `web-0.SERVICE` does not resolve.
    Fix: add a Service with clusterIP None that selects the pods, and name that one.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#limitations
    """
    service = snapshot.get(Service, workload.namespace, workload.spec.service_name)
    if service is None:
        return
    if service.spec.cluster_ip != "None":
        yield Hit(f"Service {service.name}, by which its pods should be named, is not headless", "spec.serviceName", item="headless")
    if service.selector is None or not service.selector.matches(workload.pod_labels):
        yield Hit(f"Service {service.name}, by which its pods should be named, does not select them", "spec.serviceName", item="selector")
