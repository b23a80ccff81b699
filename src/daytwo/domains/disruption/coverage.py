"""What a PodDisruptionBudget covers, and whether its status can be believed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from daytwo.model.gap import Gap
from daytwo.model.pod import Pod
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.ref import Cell, Ref
from daytwo.model.runnable import Runnable
from daytwo.model.scaling import scale_of
from daytwo.model.snapshot import Snapshot
from daytwo.model.templates import templates_selected
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


def protected(budget: PodDisruptionBudget, snapshot: Snapshot) -> tuple[Runnable, ...]:
    """The workloads that were seen and whose pods the budget selects by what their templates say, those of DaemonSets included."""
    return snapshot.once(_protected).get(budget.ref, ())


def budgets_of(workload: Runnable, snapshot: Snapshot) -> tuple[PodDisruptionBudget, ...]:
    """The budgets that were seen and that select a workload's pods, in order of name."""
    return snapshot.once(_budgets).get(workload.ref, ())


def is_countable(workload: Runnable) -> bool:
    """Whether it wants a number of pods that a drain would move elsewhere: a DaemonSet's stay, and a Job's are not replaced by number."""
    return isinstance(workload, Deployment | StatefulSet | ReplicaSet | Rollout | CustomWorkload)


def counted(budget: PodDisruptionBudget, snapshot: Snapshot) -> tuple[int, int]:
    """The fewest and the most pods that the workloads it selects are meant to have, told from what is declared."""
    scales = [scale_of(workload, snapshot) for workload in protected(budget, snapshot) if is_countable(workload)]
    return sum(scale.fewest for scale in scales), sum(scale.most for scale in scales)


def _protected(snapshot: Snapshot) -> Mapping[Ref, tuple[Runnable, ...]]:
    return {
        budget.ref: templates_selected(budget.spec.selector, budget.namespace, snapshot)
        for budget in snapshot.seen(PodDisruptionBudget)
        if budget.spec.selector is not None
    }


def _budgets(snapshot: Snapshot) -> Mapping[Ref, tuple[PodDisruptionBudget, ...]]:
    found: dict[Ref, list[PodDisruptionBudget]] = {}
    for budget in snapshot.seen(PodDisruptionBudget):
        for workload in protected(budget, snapshot):
            found.setdefault(workload.ref, []).append(budget)
    return {workload: tuple(budgets) for workload, budgets in found.items()}


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
