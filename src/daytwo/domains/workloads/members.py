"""The pods and ReplicaSets that belong to a workload, also where the workload itself belongs to something else, as under an operator."""

from daytwo.model.command import Command, kubectl
from daytwo.model.metadata import Resource
from daytwo.model.pod import Pod
from daytwo.model.selector import Selector
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, ReplicaSet, Rollout


def pods_of(workload: Resource, snapshot: Snapshot) -> tuple[Pod, ...]:
    """The pods below a workload, finished and terminating ones included, as far as they were read."""
    top = snapshot.top_owner(workload)
    pods = snapshot.pods_of(top)
    return pods if top == workload.ref else tuple(pod for pod in pods if _is_below(pod, workload, snapshot))


def active_pods_of(workload: Resource, snapshot: Snapshot) -> tuple[Pod, ...]:
    """The pods that a workload counts: neither finished nor on their way out."""
    return tuple(pod for pod in pods_of(workload, snapshot) if pod.is_active)


def replica_sets_of(workload: Deployment | Rollout, snapshot: Snapshot) -> tuple[ReplicaSet, ...]:
    """A workload's ReplicaSets, newest revision first."""
    top = snapshot.top_owner(workload)
    found = snapshot.replica_sets(top)
    return found if top == workload.ref else tuple(one for one in found if _is_below(one, workload, snapshot))


def current_replica_set(deployment: Deployment, snapshot: Snapshot) -> ReplicaSet | None:
    """The ReplicaSet of a Deployment's current revision, if it was read."""
    return next((one for one in replica_sets_of(deployment, snapshot) if one.revision == deployment.revision), None)


def show_pods(selector: Selector, namespace: str) -> Command | None:
    """A look at the pods that a workload selects; none for a selector that would select all."""
    return None if selector.is_empty else kubectl("get", "pods", "-l", str(selector), namespace=namespace)


def _is_below(resource: Resource, workload: Resource, snapshot: Snapshot) -> bool:
    step: Resource | None = resource
    # Chains are short (Pod, Job, CronJob, operator); the bound guards against owners that own each other.
    for _ in range(5):
        if step is None or step.controller is None:
            return False
        if step.controller.uid == workload.metadata.uid and step.controller.name == workload.name:
            return True
        step = snapshot.owner(step)
    return False
