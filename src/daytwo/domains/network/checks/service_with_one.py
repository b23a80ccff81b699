"""The check `network/service-with-one`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.network.outage import is_starting, owner_of_most, ready_endpoints, unready_since, words
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.kinds import BY_NAME
from daytwo.model.network import SERVICE_NAME, Service
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, Deployment, Job, Workload

_LASTING: Final = timedelta(minutes=15)
# Of labels by which a workload marks the replica that leads, the last part of the key or the value.
_LEADING: Final = frozenset({"leader", "master", "primary", "active", "writer"})


def _selects(service: Service) -> bool:
    return service.selector is not None and service.spec.type != "ExternalName" and not service.is_terminating


@check(Service, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, harm=Harm.ONE_EVENT_AWAY, applies=_selects, basis=Basis.STATE)
def service_with_one(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """A Service that a single ready pod answers for.

    Why: the next crash, eviction or node loss leaves nobody to answer.
    Fix: bring the other replicas back; where only one is asked for, ask for two on different nodes.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/
    Not: the first 15 minutes, a rollout within its deadline, and Services of which only the leader answers: selected or made ready by
    a label such as role=primary.
    """
    ready = ready_endpoints(service, snapshot)
    if len(ready) != 1 or (service.created is not None and snapshot.taken_at - service.created < _LASTING):
        return
    snapshot.require(Pod.KIND, service.namespace)
    pods = [pod for pod in snapshot.pods_selected_by(service) if pod.is_active]
    if not pods:
        return
    owner = owner_of_most(pods, snapshot)
    workload = snapshot.find(owner)
    if workload is None and owner.kind in BY_NAME:
        snapshot.require(owner.kind, owner.namespace)
    if isinstance(workload, Job | CronJob) or is_starting(workload, pods, snapshot.taken_at):
        return
    wanted = _wanted(service, pods, snapshot)
    only = next((pod for pod in pods if ready[0].target_ref is not None and pod.name == ready[0].target_ref.name), None)
    others = [pod for pod in pods if pod is not only]
    if wanted < 2:
        # Of a workload of several pods it selects one on purpose, by a role that changes hands.
        if all(pod in pods for pod in snapshot.pods_of(owner) if pod.is_active):
            yield _by_design(service, owner, only)
        return
    if only is not None and others and _leads(only, others):
        return
    unready = [pod for pod in others if not pod.is_ready]
    since = _since(workload, unready)
    if since is not None and snapshot.taken_at - since < _LASTING:
        return
    yield Hit(
        f"only 1 of {wanted} pods answers for it",
        since=Since(since, exact=False) if since is not None else None,
        evidence=(
            Evidence(f"pod {only.name} is its only ready endpoint" if only is not None else "its EndpointSlices hold one ready endpoint"),
            *(Evidence(f"pod {pod.name} is not ready", unready_since(pod)) for pod in unready[:3]),
        ),
        because=(owner_of_most(unready or pods, snapshot),),
        confirm=kubectl("get", "endpointslice", "-l", f"{SERVICE_NAME}={service.name}", namespace=service.namespace),
    )


def _by_design(service: Service, owner: Ref, only: Pod | None) -> Hit:
    return Hit(
        f"a single pod answers for it: {words(owner)} asks for no more",
        fix="ask for two replicas on different nodes, if the program can run twice",
        evidence=(Evidence(f"pod {only.name} is its only endpoint"),) if only is not None else (),
        because=(owner,),
        confirm=kubectl("get", "endpointslice", "-l", f"{SERVICE_NAME}={service.name}", namespace=service.namespace),
        harm=Harm.NONE,
        severity=Severity.LOW,
    )


def _wanted(service: Service, pods: list[Pod], snapshot: Snapshot) -> int:
    """How many pods should answer: the replicas of the workloads behind it; of a workload of which it selects a part, that part."""
    owners: dict[Ref, int] = {}
    for pod in pods:
        owner = snapshot.top_owner(pod)
        owners[owner] = owners.get(owner, 0) + 1
    total = 0
    for owner, count in owners.items():
        workload = snapshot.find(owner)
        selects_all = isinstance(workload, Workload) and service.selector is not None and service.selector.matches(workload.pod_labels)
        total += workload.replicas if selects_all and isinstance(workload, Workload) else count
    return total


def _leads(only: Pod, others: list[Pod]) -> bool:
    """Whether the ready pod carries a mark of leadership that the others lack."""
    for key, value in only.labels.items():
        is_mark = key.rpartition("/")[2].rpartition("-")[2] in _LEADING or value in _LEADING
        if is_mark and all(pod.labels.get(key) != value for pod in others):
            return True
    return False


def _since(workload: object, unready: list[Pod]) -> datetime | None:
    """Since when it is alone: when the last of the others stopped being ready; where they do not exist, when making them failed."""
    known = [at for pod in unready if (at := unready_since(pod)) is not None]
    if known:
        return max(known)
    if isinstance(workload, Deployment):
        for type in ("ReplicaFailure", "Available"):
            condition = workload.condition(type)
            if condition is not None and condition.status == ("True" if type == "ReplicaFailure" else "False"):
                return condition.last_transition_time
    return None
