"""The check `readiness/governing-service-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.json import Object
from daytwo.model.network import Service
from daytwo.model.repair import Repair
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import StatefulSet


@check(StatefulSet, heading=Heading.RELIABILITY, severity=Severity.MEDIUM)
def governing_service_missing(workload: StatefulSet, snapshot: Snapshot) -> Iterator[Hit]:
    """A StatefulSet without the headless Service that gives its pods their names.

    Why: pods of a StatefulSet find each other by `web-0.SERVICE`; without the Service no such name resolves, and clusters of databases
    or queues do not form.
    Fix: add a Service of that name with clusterIP None that selects the pods.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
    Not: an empty serviceName is held against nobody much: who needs no stable names needs no Service; nor
    is the missing Service of a single replica, which has no peers.
    """
    name = workload.spec.service_name
    if not name:
        yield Hit(
            "names no Service: its pods have no stable names",
            path="spec.serviceName",
            severity=Severity.INFO,
            by_hand="serviceName cannot be changed once the StatefulSet exists",
        )
    elif snapshot.get(Service, workload.namespace, name) is None:
        yield Hit(
            f"Service {name}, by which its pods are named, is not there",
            path="spec.serviceName",
            # A single pod has no peers to find.
            severity=Severity.LOW if workload.replicas < 2 else None,
            fix=f"add Service {name} with clusterIP None that selects its pods",
            repair=Repair(documents=(_headless(workload),)) if workload.spec.selector.match_labels else None,
            by_hand="which labels the Service should select only its owner knows",
        )


def _headless(workload: StatefulSet) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": workload.spec.service_name, "namespace": workload.namespace},
        "spec": {"clusterIP": "None", "selector": dict(workload.spec.selector.match_labels)},
    }
