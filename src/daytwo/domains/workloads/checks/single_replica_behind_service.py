"""The check `workloads/single-replica-behind-service`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.workloads.members import active_pods_of
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.network import Service
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolumeClaim
from daytwo.model.workload import Deployment, ReplicaSet, Rollout, StatefulSet

Replicated = Deployment | StatefulSet | Rollout | ReplicaSet

_ONE_WRITER = frozenset({"ReadWriteOnce", "ReadWriteOncePod"})


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
    basis=Basis.STATE,
)
def single_replica_behind_service(workload: Replicated, snapshot: Snapshot) -> Iterator[Hit]:
    """One replica alone stands behind a Service.

    Why: every drain, crash or node loss is an outage of the Service until another pod is ready.
    Fix: run at least two replicas, spread over nodes, with a PodDisruptionBudget.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment
    Not: what cannot be two: a volume that one pod at a time may write, a program that elects a leader; and what an autoscaler scales.
    """
    pods = active_pods_of(workload, snapshot)
    labels = pods[0].labels if pods else workload.pod_labels
    services = snapshot.services_selecting(labels, workload.namespace)
    if not services:
        snapshot.require(Service.KIND, workload.namespace)
        return
    if _elects_leader(workload) or _has_single_writer(workload, snapshot):
        return
    snapshot.require(HorizontalPodAutoscaler.KIND, workload.namespace)
    if snapshot.autoscalers_of(workload.ref):
        return
    names = sorted(service.name for service in services)
    routes = sorted({str(ref) for name in names for ref in snapshot.routed_services.get((workload.namespace, name), ())})
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    yield Hit(
        f"one replica alone serves Service {names[0]}{more}: a drain or a crash leaves none",
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


def _has_single_writer(workload: Replicated, snapshot: Snapshot) -> bool:
    """Whether one of its volumes may be written by one node or pod at a time. Raises Unseen where its claims were not read."""
    names: list[str] = []
    if isinstance(workload, StatefulSet):
        names = [f"{claim.metadata.name}-{workload.name}-{workload.spec.ordinals.start}" for claim in workload.spec.volume_claim_templates]
    names += [volume.persistent_volume_claim.claim_name for volume in workload.template.spec.volumes if volume.persistent_volume_claim]
    claims = (snapshot.get(PersistentVolumeClaim, workload.namespace, name) for name in names)
    return any(claim is not None and bool(claim.spec.access_modes) and set(claim.spec.access_modes) <= _ONE_WRITER for claim in claims)
