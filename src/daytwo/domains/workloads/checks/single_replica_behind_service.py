"""The check `workloads/single-replica-behind-service`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.scaling import scalers_of
from daytwo.model.serving import named, serving_services
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.single_writer import has_single_writer
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, ReplicaSet, Rollout, StatefulSet

Replicated = Deployment | StatefulSet | Rollout | ReplicaSet


def _is_meant(workload: Replicated) -> bool:
    is_owned = isinstance(workload, ReplicaSet) and workload.controller is not None
    return workload.replicas == 1 and not is_owned and not workload.is_terminating


@check(
    Deployment,
    StatefulSet,
    Rollout,
    ReplicaSet,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    applies=_is_meant,
    by_hand="whether two of it may run at the same time only its owner knows",
)
def single_replica_behind_service(workload: Replicated, snapshot: Snapshot) -> Iterator[Hit]:
    """One replica alone stands behind a Service.

    Why: every drain, crash or node loss is an outage of the Service until another pod is ready.
    Fix: run at least two replicas, spread over nodes, with a PodDisruptionBudget.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment
    Not: what cannot be two: a volume that one pod at a time may write, a program that elects a leader; and what an autoscaler scales.
    """
    services = serving_services(workload, snapshot)
    if not services or _elects_leader(workload) or has_single_writer(workload, snapshot):
        return
    if scalers_of(workload.ref, snapshot):
        return
    names = sorted(service.name for service in services)
    routes = sorted({str(ref) for name in names for ref in snapshot.routed_services.get((workload.namespace, name), ())})
    yield Hit(
        f"one replica alone serves {named(services)}: a drain or a crash leaves none",
        path="spec.replicas",
        evidence=(
            Evidence(f"{workload.KIND} {workload.name}: spec.replicas 1"),
            *(Evidence(f"Service {name} selects its pod") for name in names[:3]),
            *(Evidence(f"{route} leads to it") for route in routes[:2]),
        ),
        confirm=kubectl("get", "endpointslice", "-l", f"kubernetes.io/service-name={names[0]}", namespace=workload.namespace),
    )


def _elects_leader(workload: Replicated) -> bool:
    words = [word for container in workload.template.spec.containers for word in (*container.command, *container.args)]
    return any("leader-elect" in word and not word.endswith("=false") for word in words)
