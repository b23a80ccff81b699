"""Whether the Service that the API server is to call for a webhook, a conversion or an aggregated API can answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daytwo.model.certificate import Certificate
from daytwo.model.command import Command, kubectl
from daytwo.model.control_plane import ServiceReference
from daytwo.model.finding import Evidence, Since
from daytwo.model.network import SERVICE_NAME, Endpoint, EndpointSlice, Service, ServicePort
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, Deployment, ReplicaSet, Rollout, StatefulSet, Workload

# Endpoints follow pods within seconds; what lasts longer than this is a fault.
GRACE: Final = timedelta(minutes=2)
_WORKLOADS: Final[tuple[type[Workload], ...]] = (Deployment, StatefulSet, DaemonSet, Rollout, ReplicaSet)


@dataclass(frozen=True, slots=True)
class BackendFault:
    """Why a backend cannot answer; `because` names its Service and, where they are not ready, the workloads behind it."""

    why: str
    because: tuple[Ref, ...] = ()
    since: Since | None = None
    evidence: tuple[Evidence, ...] = ()


def backend_fault(target: ServiceReference, snapshot: Snapshot) -> BackendFault | None:
    """Why nobody answers at this Service and port; None when somebody does or still may be starting.

    Raises Unseen where the Service or its endpoints could not be read.
    """
    service = snapshot.get(Service, target.namespace, target.name)
    ref = Ref(Service.KIND, target.namespace, target.name)
    if service is None:
        return BackendFault(f"Service {ref.short} does not exist", (ref,), evidence=(Evidence(f"no Service {ref.short}"),))
    if service.spec.type == "ExternalName" or _is_younger(service.created, snapshot):
        return None
    port = next((port for port in service.spec.ports if port.port == target.port), None)
    if port is None:
        has = ", ".join(str(port.port) for port in service.spec.ports) or "none"
        why = f"Service {ref.short} has no port {target.port}"
        return BackendFault(why, (ref,), evidence=(Evidence(f"Service {ref.short}: spec.ports are {has}"),))
    snapshot.require(EndpointSlice.KIND, service.namespace)
    ready = [part for part in snapshot.endpoint_slices(service) if any(_answers(endpoint, service) for endpoint in part.endpoints)]
    if any(_offers(part, port) for part in ready):
        return None
    if ready:
        why = f"no endpoint of Service {ref.short} offers port {target.port} (targetPort {port.target_port})"
        return BackendFault(why, (ref,), evidence=(Evidence(f"the EndpointSlices of Service {ref.short} have no port {port.name!r}"),))
    since = _unready_since(service, snapshot)
    if _is_younger(since, snapshot):
        return None
    return BackendFault(
        f"Service {ref.short} has no ready endpoint",
        (ref, *workloads_behind(service, snapshot)),
        Since(since, exact=False) if since is not None else None,
        tuple(_pod_evidence(service, snapshot)) or (Evidence(f"no EndpointSlice of Service {ref.short} has a ready endpoint", since),),
    )


def workloads_behind(service: Service, snapshot: Snapshot) -> tuple[Ref, ...]:
    """The workloads that keep a Service from answering: the owners of its pods if none is ready, the makers of such pods if it has none."""
    pods = [pod for pod in snapshot.pods_selected_by(service) if pod.is_active]
    if pods:
        return () if any(pod.is_ready for pod in pods) else tuple(dict.fromkeys(snapshot.top_owner(pod) for pod in pods))
    if service.selector is None:
        return ()
    makers = (workload for kind in _WORKLOADS for workload in snapshot.seen(kind, service.namespace))
    found = (snapshot.top_owner(maker) for maker in makers if service.selector.matches(maker.pod_labels))
    return tuple(dict.fromkeys(found))


def expired(certificates: tuple[Certificate, ...], at: datetime) -> datetime | None:
    """When the last certificate of a bundle expired, if all of them have: any one of them would still let the API server trust."""
    last = max((certificate.not_after for certificate in certificates), default=None)
    return last if last is not None and last <= at else None


def read_endpoints(target: ServiceReference) -> Command:
    """The command that shows who answers at a Service."""
    return kubectl("get", "endpointslice", "-l", f"{SERVICE_NAME}={target.name}", namespace=target.namespace)


def _answers(endpoint: Endpoint, service: Service) -> bool:
    return endpoint.is_serving if service.spec.publish_not_ready_addresses else endpoint.is_ready


def _offers(part: EndpointSlice, port: ServicePort) -> bool:
    return any(offered.name == port.name and offered.port is not None for offered in part.ports)


def _is_younger(at: datetime | None, snapshot: Snapshot) -> bool:
    return at is not None and snapshot.taken_at - at < GRACE


def _unready_since(service: Service, snapshot: Snapshot) -> datetime | None:
    """When the last pod behind a Service stopped being ready, as far as pods tell."""
    times = [_last_ready(pod) for pod in snapshot.pods_selected_by(service) if not pod.is_finished]
    return max((at for at in times if at is not None), default=None)


def _last_ready(pod: Pod) -> datetime | None:
    ready = pod.condition("Ready")
    return (ready.last_transition_time if ready is not None else None) or pod.created


def _pod_evidence(service: Service, snapshot: Snapshot) -> Iterator[Evidence]:
    pods = [pod for pod in snapshot.pods_selected_by(service) if not pod.is_finished and not pod.is_ready]
    for pod in pods[:3]:
        state = "is terminating" if pod.is_terminating else "is not ready"
        ready = pod.condition("Ready")
        detail = f": {ready.message}" if ready is not None and ready.message else ""
        yield Evidence(f"pod {pod.namespace}/{pod.name} {state}{detail}", _last_ready(pod))
