"""Who depends on a workload, and how much of it is left: the two columns of the severity table."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from daytwo.model.control_plane import APIService, MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookConfiguration
from daytwo.model.network import Service
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, CustomWorkload, DaemonSet, Deployment, Job, ReplicaSet, Rollout, StatefulSet, Workload


class Exposure(StrEnum):
    """*served*: reached from outside, by the API server, or by every pod (DNS); *inner*: behind a Service only; *batch*: behind none."""

    SERVED = "served"
    INNER = "inner"
    BATCH = "batch"

    @property
    def rank(self) -> int:
        return _RANK[self]


_RANK: Final = {exposure: rank for rank, exposure in enumerate(Exposure)}


@dataclass(frozen=True, slots=True)
class Standing:
    """One workload: who depends on it, how many replicas it wants and has ready, through which Services.

    `is_guess` tells that Services could not be read: the inner column is then taken, never a lower one.
    """

    workload: Ref
    exposure: Exposure
    wanted: int
    ready: int
    services: tuple[str, ...] = ()
    is_guess: bool = False


def standing(workload: Ref, broken_pods: frozenset[Ref], snapshot: Snapshot) -> Standing:
    """How a workload stands, pods with an active fault counted as not ready whatever they last reported."""
    if workload.kind == Service.KIND:
        return _unanswered(workload, snapshot)
    found = snapshot.find(workload)
    pods = [pod for pod in snapshot.pods_of(workload) if pod.is_active]
    ready = sum(pod.is_ready and pod.ref not in broken_pods for pod in pods)
    wanted = _wanted(found, pods)
    if not snapshot.is_read(Pod.KIND, workload.namespace):
        ready = _reported_ready(found)
    exposure, services, is_guess = _exposure(workload, found, pods, snapshot)
    return Standing(workload, exposure, wanted, ready, services, is_guess)


def _unanswered(ref: Ref, snapshot: Snapshot) -> Standing:
    """A Service with no workload behind it: somebody wants one answer from it, and gets as many as it has ready endpoints."""
    service = snapshot.find(ref)
    slices = snapshot.endpoint_slices(service) if isinstance(service, Service) else ()
    ready = any(endpoint.is_ready and one.ports for one in slices for endpoint in one.endpoints)
    is_served = _is_served(service, snapshot) if isinstance(service, Service) else (ref.namespace, ref.name) in snapshot.routed_services
    return Standing(ref, Exposure.SERVED if is_served else Exposure.INNER, 1, int(ready), (ref.name,))


def _exposure(ref: Ref, workload: object, pods: list[Pod], snapshot: Snapshot) -> tuple[Exposure, tuple[str, ...], bool]:
    if ref.kind in ("Job", "CronJob"):
        return Exposure.BATCH, (), False
    labels = workload.pod_labels if isinstance(workload, Workload) else (pods[0].labels if pods else {})
    services = snapshot.services_selecting(labels, ref.namespace)
    names = tuple(sorted(service.name for service in services))
    if any(_is_served(service, snapshot) for service in services):
        return Exposure.SERVED, names, False
    if ref.namespace == "kube-system" and ref.kind == "DaemonSet":
        # The network, proxy and storage plugins of each node.
        return Exposure.SERVED, names, False
    if services:
        return Exposure.INNER, names, False
    if not snapshot.is_read(Service.KIND, ref.namespace):
        return Exposure.INNER, (), True
    return Exposure.BATCH, (), False


def _is_served(service: Service, snapshot: Snapshot) -> bool:
    if service.spec.type in ("LoadBalancer", "NodePort"):
        return True
    if service.namespace == "kube-system" and service.name == "kube-dns":
        return True
    key = (service.namespace, service.name)
    return key in snapshot.routed_services or key in _called_by_the_api_server(snapshot)


def _called_by_the_api_server(snapshot: Snapshot) -> set[tuple[str, str]]:
    configurations: tuple[WebhookConfiguration, ...] = (
        *snapshot.seen(ValidatingWebhookConfiguration),
        *snapshot.seen(MutatingWebhookConfiguration),
    )
    targets = [webhook.client_config.service for configuration in configurations for webhook in configuration.webhooks]
    targets.extend(api.spec.service for api in snapshot.seen(APIService))
    return {(target.namespace, target.name) for target in targets if target is not None}


def _wanted(workload: object, pods: list[Pod]) -> int:
    match workload:
        case CronJob():
            return 1
        case Job() if workload.spec.suspend:
            return 0
        case Workload():
            return workload.replicas
    return len(pods)


def _reported_ready(workload: object) -> int:
    match workload:
        case Deployment() | StatefulSet() | ReplicaSet() | Rollout():
            return workload.status.ready_replicas
        case DaemonSet():
            return workload.status.number_ready
        case CustomWorkload():
            return workload.replicas
    return 0


def standings(workloads: Iterable[Ref], broken_pods: frozenset[Ref], snapshot: Snapshot) -> tuple[Standing, ...]:
    """How each of these workloads stands, worst first."""
    found = [standing(workload, broken_pods, snapshot) for workload in dict.fromkeys(workloads)]
    return tuple(sorted(found, key=lambda one: (one.exposure.rank, one.ready / max(one.wanted, 1), one.workload)))
