"""What a PodDisruptionBudget covers, and whether its status can be believed."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from daytwo.model.gap import Gap
from daytwo.model.pod import Pod
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.ref import Cell, Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, CustomWorkload, DaemonSet, Deployment, Job, ReplicaSet, Rollout, StatefulSet, Workload

WORKLOADS: tuple[type[Workload], ...] = (Deployment, StatefulSet, DaemonSet, Rollout, ReplicaSet, Job, CronJob)


def covered_pods(budget: PodDisruptionBudget, snapshot: Snapshot) -> tuple[Pod, ...]:
    """The pods a budget selects that are neither finished nor on their way out. Raises Unseen when pods were not read."""
    snapshot.require(Pod.KIND, budget.namespace)
    if budget.spec.selector is None:
        return ()
    return tuple(pod for pod in snapshot.select_pods(budget.spec.selector, budget.namespace) if pod.is_active)


def covered_workloads(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Workload]:
    """The workloads whose pods the budget would select. Raises Unseen when one of their kinds was not read."""
    for kind in WORKLOADS:
        snapshot.require(kind.KIND, budget.namespace)
    for kind in WORKLOADS:
        for workload in snapshot.seen(kind, budget.namespace):
            is_old_revision = kind is ReplicaSet and workload.controller is not None
            if budget.selects(workload.pod_labels) and not is_old_revision:
                yield workload
    for custom in snapshot.seen(CustomWorkload, budget.namespace):
        if budget.selects(custom.pod_labels):
            yield custom


def owner_of_most(pods: list[Pod], snapshot: Snapshot) -> Ref:
    """The workload that most of these pods belong to."""
    votes = Counter(snapshot.top_owner(pod) for pod in pods)
    return min(votes, key=lambda ref: (-votes[ref], ref))


def stale(budget: PodDisruptionBudget) -> Gap | None:
    """Why the status says nothing about now; None when it does."""
    cell = Cell(budget.KIND, budget.namespace)
    wanted = f"status of disruption budget {budget.namespace}/{budget.name}"
    if sync_failure(budget) is not None:
        return Gap("disruption controller", wanted, "its last update failed", cell)
    if budget.status.observed_generation < budget.metadata.generation:
        return Gap("disruption controller", wanted, "older than its spec", cell)
    return None


def sync_failure(budget: PodDisruptionBudget) -> str | None:
    """The controller's own message when it could not compute the status; None when it could."""
    allowed = budget.condition("DisruptionAllowed")
    return allowed.message if allowed is not None and allowed.reason == "SyncFailed" else None


def blocked_since(budget: PodDisruptionBudget) -> datetime | None:
    """When the controller last turned from allowing a disruption to allowing none."""
    allowed = budget.condition("DisruptionAllowed")
    return allowed.last_transition_time if allowed is not None and allowed.status == "False" else None


def rule(budget: PodDisruptionBudget) -> str:
    """`maxUnavailable 0`, `minAvailable 50%`, as written."""
    if budget.spec.max_unavailable is not None:
        return f"maxUnavailable {budget.spec.max_unavailable}"
    if budget.spec.min_available is not None:
        return f"minAvailable {budget.spec.min_available}"
    return "neither minAvailable nor maxUnavailable"
