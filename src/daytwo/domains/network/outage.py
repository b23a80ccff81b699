"""Whether anybody answers for a Service, and if not, why: the endpoints as proxies see them, and the pods behind them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daytwo.model.control_plane import APIService, MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookConfiguration
from daytwo.model.finding import Evidence, Since
from daytwo.model.kinds import BY_NAME
from daytwo.model.moment import span
from daytwo.model.nearness import edit_distance, near_labels
from daytwo.model.network import Endpoint, EndpointSlice, GRPCRoute, HTTPRoute, Ingress, Service, ServicePort
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.selector import Selector
from daytwo.model.severity import Harm
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, CustomWorkload, DaemonSet, Deployment, Job, ReplicaSet, Rollout, StatefulSet, Workload

# Endpoints follow pods within seconds; what lasts longer than this is a fault.
GRACE: Final = timedelta(minutes=2)
_WORKLOADS: Final[tuple[type[Workload], ...]] = (Deployment, StatefulSet, DaemonSet, Rollout, ReplicaSet, Job, CronJob)
_STARTING: Final = frozenset({"", "ContainerCreating", "PodInitializing"})


@dataclass(frozen=True, slots=True)
class Outage:
    """Why nobody answers for a Service. `is_selector_wrong` tells the fault of the Service itself from that of the pods behind it."""

    why: str
    because: tuple[Ref, ...] = ()
    since: Since | None = None
    evidence: tuple[Evidence, ...] = ()
    fix: str = ""
    harm: Harm = Harm.ACTIVE
    is_selector_wrong: bool = False


def is_cluster_dns(service: Service) -> bool:
    """The Service that every pod resolves names through."""
    return service.namespace == "kube-system" and (service.name == "kube-dns" or service.labels.get("k8s-app") == "kube-dns")


def ready_endpoints(service: Service, snapshot: Snapshot) -> tuple[Endpoint, ...]:
    """Those who answer for a Service, over all its slices, each pod once however many address families it has.

    Raises Unseen when EndpointSlices were not read there.
    """
    snapshot.require(EndpointSlice.KIND, service.namespace)
    found: dict[object, Endpoint] = {}
    for part in snapshot.endpoint_slices(service):
        for endpoint in part.endpoints:
            if _answers(endpoint, service):
                target = endpoint.target_ref
                found.setdefault((target.kind, target.name) if target is not None else endpoint.addresses, endpoint)
    return tuple(found.values())


def dead_ports(service: Service, snapshot: Snapshot) -> tuple[tuple[int, ServicePort], ...]:
    """The ports of a Service, with their index, that no ready endpoint offers: their named targetPort is no container's port.

    Such endpoints are ready all the same; only the slice's ports tell.
    """
    if _is_younger(service.created, GRACE, snapshot):
        return ()
    parts = [part for part in snapshot.endpoint_slices(service) if any(_answers(endpoint, service) for endpoint in part.endpoints)]
    offered = {port.name for part in parts for port in part.ports}
    return tuple(
        (index, port)
        for index, port in enumerate(service.spec.ports)
        if parts and isinstance(port.target_port, str) and not port.target_port.isdigit() and port.name not in offered
    )


def outage(service: Service, snapshot: Snapshot) -> Outage | None:
    """Why a Service has no ready endpoint; None when it has one, when that is meant, or when it may still be starting.

    Raises Unseen where the reason cannot be told: nobody may be meant to answer.
    """
    if service.spec.type == "ExternalName" or service.is_terminating or ready_endpoints(service, snapshot):
        return None
    if _is_younger(service.created, GRACE, snapshot):
        return None
    if service.selector is None:
        return Outage("it has no selector, and no endpoints were made by hand", harm=_harm_of_nobody(service, snapshot, is_meant=False))
    snapshot.require(Pod.KIND, service.namespace)
    selected = [pod for pod in snapshot.pods_selected_by(service) if not pod.is_finished]
    active = [pod for pod in selected if pod.is_active]
    if active:
        return _none_ready(active, snapshot)
    if selected:
        return _all_terminating(selected, service, snapshot)
    return _none_selected(service, snapshot)


def owner_of_most(pods: list[Pod], snapshot: Snapshot) -> Ref:
    """The workload that most of these pods belong to."""
    votes = Counter(snapshot.top_owner(pod) for pod in pods)
    return min(votes, key=lambda ref: (-votes[ref], ref))


def unready_since(pod: Pod) -> datetime | None:
    """When a pod that is not ready last was, or was made."""
    ready = pod.condition("Ready")
    return (ready.last_transition_time if ready is not None else None) or pod.created


def is_starting(workload: object, pods: list[Pod], at: datetime) -> bool:
    """A rollout within its deadline whose pods fail at nothing yet."""
    if not isinstance(workload, Deployment) or not workload.is_rolling(at):
        return False
    failure = workload.condition("ReplicaFailure")
    if failure is not None and failure.status == "True":
        return False
    return not any(
        status.waiting_reason not in _STARTING or status.restart_count > 0 or status.state.terminated is not None
        for pod in pods
        for status in pod.status.container_statuses
    )


def words(ref: Ref) -> str:
    """`Deployment web`, within its own namespace."""
    return f"{ref.kind} {ref.name}"


def _answers(endpoint: Endpoint, service: Service) -> bool:
    if service.spec.publish_not_ready_addresses:
        return endpoint.is_serving and not endpoint.conditions.terminating
    return endpoint.is_ready


def _is_younger(at: datetime | None, age: timedelta, snapshot: Snapshot) -> bool:
    return at is not None and snapshot.taken_at - at < age


def _none_ready(pods: list[Pod], snapshot: Snapshot) -> Outage | None:
    ready = [pod for pod in pods if pod.is_ready]
    if ready:
        since = max((at for pod in ready if (at := unready_since(pod)) is not None), default=None)
        if _is_younger(since, GRACE, snapshot):
            return None
        are = "1 pod it selects is" if len(ready) == 1 else f"{len(ready)} pods it selects are"
        return Outage(
            f"{are} ready, but none is among its endpoints: the endpoint slice controller does not keep up",
            since=Since(since, exact=False) if since else None,
            fix="look at kube-controller-manager: it keeps the EndpointSlices",
        )
    since = max((at for pod in pods if (at := unready_since(pod)) is not None), default=None)
    owner = owner_of_most(pods, snapshot)
    if _is_younger(since, GRACE, snapshot) or is_starting(snapshot.find(owner), pods, snapshot.taken_at):
        return None
    evidence = []
    for pod in sorted(pods, key=lambda pod: pod.name)[:3]:
        condition = pod.condition("Ready")
        detail = f": {condition.message}" if condition is not None and condition.message else ""
        evidence.append(Evidence(f"pod {pod.name} is not ready{detail}", unready_since(pod)))
    why = "the only pod it selects is not ready" if len(pods) == 1 else f"none of the {len(pods)} pods it selects is ready"
    return Outage(why, (owner,), Since(since, exact=False) if since else None, tuple(evidence))


def _all_terminating(pods: list[Pod], service: Service, snapshot: Snapshot) -> Outage | None:
    ends = [(pod, at) for pod in pods if (at := _deleted_at(pod)) is not None]
    since = max((at for _, at in ends), default=None)
    owner = owner_of_most(pods, snapshot)
    workload = snapshot.find(owner)
    if isinstance(workload, Workload) and _wanted(workload) == 0:
        return None
    if workload is None and owner.kind in BY_NAME:
        snapshot.require(owner.kind, service.namespace)
        # Whoever deleted the workload meant its pods to go.
        return _none_selected(service, snapshot)
    if _is_younger(since, GRACE, snapshot):
        return None
    why = "the only pod it selects is terminating" if len(pods) == 1 else f"all {len(pods)} pods it selects are terminating"
    evidence = tuple(Evidence(f"pod {pod.name} is terminating", at) for pod, at in ends[:3])
    return Outage(why, (owner,), Since(since, exact=False) if since else None, evidence)


def _deleted_at(pod: Pod) -> datetime | None:
    """When the deletion was asked for: the timestamp itself is when the grace period ends."""
    at, grace = pod.metadata.deletion_timestamp, pod.metadata.deletion_grace_period_seconds
    return at - span(grace or 0) if at is not None else None


def _none_selected(service: Service, snapshot: Snapshot) -> Outage | None:
    """No pod carries the selector's labels: because its workload has none now, or because no workload makes such pods."""
    for kind in _WORKLOADS:
        snapshot.require(kind.KIND, service.namespace)
    selector = service.selector or Selector()
    makers = [workload for workload in _workloads(service.namespace, snapshot) if selector.matches(workload.pod_labels)]
    short = [workload for workload in makers if _wanted(workload) > 0]
    if makers and not short:
        return None
    if short:
        return _without_pods(short[0], snapshot)
    write = service.last_write("selector")
    changed = write.time if write is not None else None
    if _is_younger(changed, GRACE, snapshot):
        return None
    near = _near_miss(service, snapshot)
    evidence = [Evidence(f"Service {service.name}: spec.selector is {selector}", changed)]
    if near is not None:
        evidence.append(Evidence(f"the pods of {words(near.workload)} carry {_text(near.labels)}"))
        why = f"no pod matches its selector {selector}; nearest is {words(near.workload)} with {_text(near.labels)}"
        fix = f"if {words(near.workload)} is meant, write {_text(near.labels)} in spec.selector"
    else:
        why = f"no pod and no workload matches its selector {selector}"
        fix = "correct spec.selector, or delete the Service if nothing needs it any more"
    return Outage(
        why,
        since=Since(changed, exact=False) if changed else None,
        evidence=tuple(evidence),
        fix=fix,
        harm=_harm_of_nobody(service, snapshot, is_meant=near is not None and near.is_meant),
        is_selector_wrong=True,
    )


def _without_pods(workload: Workload, snapshot: Snapshot) -> Outage | None:
    if is_starting(workload, [], snapshot.taken_at):
        return None
    pods = f"{_wanted(workload)} pods" if _wanted(workload) > 1 else "1 pod"
    available = workload.condition("Available") if isinstance(workload, Deployment) else None
    since = available.last_transition_time if available is not None and available.status == "False" else None
    return Outage(
        f"{words(workload.ref)} wants {pods} and has none",
        (workload.ref,),
        Since(since, exact=False) if since else None,
        (Evidence(f"{words(workload.ref)}: no pod carries its labels", since),),
    )


def _workloads(namespace: str, snapshot: Snapshot) -> Iterator[Workload]:
    """The workloads of a namespace that make pods of their own accord, those that an operator keeps included."""
    for kind in _WORKLOADS:
        for workload in snapshot.seen(kind, namespace):
            owner = workload.controller
            if owner is None or owner.kind not in ("Deployment", "Rollout", "CronJob"):
                yield workload
    yield from snapshot.seen(CustomWorkload, namespace)


def _wanted(workload: Workload) -> int:
    """How many pods should be there at any time: Jobs come and go, so none."""
    return 0 if isinstance(workload, Job | CronJob) else workload.replicas


@dataclass(frozen=True, slots=True)
class _NearMiss:
    """The workload that a selector nearly matches. `is_meant`: it bears the Service's name, or no other Service selects it."""

    workload: Ref
    labels: Mapping[str, str]
    distance: int
    is_meant: bool


def _near_miss(service: Service, snapshot: Snapshot) -> _NearMiss | None:
    candidates: dict[Ref, Mapping[str, str]] = {
        workload.ref: workload.pod_labels for workload in _workloads(service.namespace, snapshot) if _wanted(workload) > 0
    }
    for pod in snapshot.seen(Pod, service.namespace):
        if pod.is_active and not pod.is_mirror:
            candidates.setdefault(snapshot.top_owner(pod), pod.labels)
    found: list[_NearMiss] = []
    for ref, labels in candidates.items():
        if ref.kind in (Job.KIND, CronJob.KIND):
            continue
        is_namesake = ref.name == service.name
        instead = near_labels(service.spec.selector, labels)
        if not instead and is_namesake:
            # Named alike on purpose: however far the labels are, it is the one.
            instead = {key: labels[key] for key in service.spec.selector if key in labels} or dict(sorted(labels.items())[:2])
        if instead:
            is_meant = is_namesake or not snapshot.services_selecting(dict(labels), service.namespace)
            found.append(_NearMiss(ref, instead, edit_distance(_text(service.spec.selector), _text(instead)), is_meant))
    return min(found, key=lambda near: (not near.is_meant, near.workload.name != service.name, near.distance, near.workload), default=None)


def _harm_of_nobody(service: Service, snapshot: Snapshot, *, is_meant: bool) -> Harm:
    """A Service that selects nothing hurts when somebody calls it or clearly should; else it is a leftover, or waits for its pods."""
    if is_meant or is_cluster_dns(service) or service.spec.type in ("LoadBalancer", "NodePort"):
        return Harm.ACTIVE
    key = (service.namespace, service.name)
    if key in snapshot.routed_services or key in snapshot.once(_called_by_the_api_server):
        return Harm.ACTIVE
    if not all(snapshot.is_read(kind.KIND, service.namespace) for kind in (Ingress, HTTPRoute, GRPCRoute)):
        # What cannot be seen never lowers.
        return Harm.ACTIVE
    return Harm.NONE


def _called_by_the_api_server(snapshot: Snapshot) -> frozenset[tuple[str, str]]:
    configurations: tuple[WebhookConfiguration, ...] = (
        *snapshot.seen(ValidatingWebhookConfiguration),
        *snapshot.seen(MutatingWebhookConfiguration),
    )
    targets = [webhook.client_config.service for configuration in configurations for webhook in configuration.webhooks]
    targets.extend(api.spec.service for api in snapshot.seen(APIService))
    return frozenset((target.namespace, target.name) for target in targets if target is not None)


def _text(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
