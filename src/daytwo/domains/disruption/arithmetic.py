"""A disruption budget's sums, as the disruption controller makes them, and what an eviction makes of them.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/disruption/disruption.go
and https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/registry/core/pod/storage/eviction.go
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from daytwo.domains.disruption.coverage import sync_failure
from daytwo.model.gap import Gap, Unseen
from daytwo.model.pod import Pod
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.ref import Cell
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, Deployment, Job, ReplicaSet, StatefulSet

# So long a pod whose eviction was allowed counts as gone, if it does not go.
_DISRUPTED: Final = timedelta(minutes=2)
_PERCENT: Final = re.compile(r"\d+%\Z")


@dataclass(frozen=True, slots=True)
class Count:
    """A budget's sums at one moment. `fault` says why they could not be made: then nothing is allowed."""

    expected: int
    desired: int
    healthy: int
    fault: str = ""

    @property
    def allowed(self) -> int:
        """How many healthy pods may be evicted now."""
        return max(0, self.healthy - self.desired) if self.expected > 0 and not self.fault else 0


def count(budget: PodDisruptionBudget, snapshot: Snapshot) -> Count:
    """The sums from the pods and their controllers. Raises Unseen where a pod's controller is of a kind that daytwo does not read."""
    snapshot.require(Pod.KIND, budget.namespace)
    selector = budget.spec.selector
    pods = snapshot.select_pods(selector, budget.namespace) if selector is not None else ()
    healthy = sum(_is_healthy(pod, budget, snapshot) for pod in pods)
    spec = budget.spec
    if spec.max_unavailable is not None:
        scale = _scale(pods, snapshot)
        if isinstance(scale, str):
            return Count(0, 0, healthy, scale)
        return Count(scale, max(0, scale - scaled(spec.max_unavailable, scale)), healthy)
    if isinstance(spec.min_available, str):
        scale = _scale(pods, snapshot)
        if isinstance(scale, str):
            return Count(0, 0, healthy, scale)
        return Count(scale, scaled(spec.min_available, scale), healthy)
    # With neither of the two, nothing is counted and nothing is ever allowed.
    return Count(0, 0, healthy) if spec.min_available is None else Count(len(pods), spec.min_available, healthy)


def scaled(value: int | str, total: int) -> int:
    """A number of pods, or a percentage of all of them, rounded up."""
    if isinstance(value, int):
        return value
    if not _PERCENT.match(value):
        raise ValueError(f"{value!r} is neither a number nor a percentage; write 1 or 50%")
    return -(-int(value[:-1]) * total // 100)


def spared(budget: PodDisruptionBudget, replicas: int) -> int:
    """How many of so many pods may be away while all others are healthy, by the budget's rule alone; ValueError as for `scaled`."""
    spec = budget.spec
    if spec.max_unavailable is not None:
        return min(scaled(spec.max_unavailable, replicas), replicas)
    return max(0, replicas - scaled(spec.min_available, replicas)) if spec.min_available is not None else 0


def _is_healthy(pod: Pod, budget: PodDisruptionBudget, snapshot: Snapshot) -> bool:
    evicted_at = budget.status.disrupted_pods.get(pod.name)
    return pod.is_ready and (evicted_at is None or evicted_at + _DISRUPTED <= snapshot.taken_at)


def _scale(pods: tuple[Pod, ...], snapshot: Snapshot) -> int | str:
    """How many pods the controllers of these pods want, each counted once; a text where one wants no number of pods."""
    wanted: dict[str, int] = {}
    for pod in pods:
        reference = pod.controller
        if reference is None or reference.uid in wanted:
            continue
        if reference.kind in (DaemonSet.KIND, Job.KIND):
            return f"its pod {pod.name} belongs to a {reference.kind}, which has no number of replicas"
        if reference.kind not in (ReplicaSet.KIND, StatefulSet.KIND):
            raise Unseen(Gap("kubernetes", f"scale of {reference.kind} {reference.name}", "not read", Cell(reference.kind, pod.namespace)))
        snapshot.require(reference.kind, pod.namespace)
        owner = snapshot.by_uid(reference.uid)
        if isinstance(owner, ReplicaSet) and owner.controller is not None and owner.controller.kind == Deployment.KIND:
            snapshot.require(Deployment.KIND, pod.namespace)
            owner = snapshot.by_uid(owner.controller.uid)
        if not isinstance(owner, Deployment | ReplicaSet | StatefulSet):
            return f"the controller of its pod {pod.name} is gone"
        wanted[owner.metadata.uid] = owner.replicas
    return sum(wanted.values())


# -- what the eviction API makes of it ------------------------------------------------------------------------------


class Leave(StrEnum):
    """Whether a pod may be evicted: without asking the budget, at its expense, or not now."""

    FREE = "free"
    SPENDS = "spends"
    REFUSED = "refused"


@dataclass(slots=True)
class Purse:
    """What one budget has left, as evictions spend it and replacements fill it again. `spent` is what is out."""

    budget: PodDisruptionBudget
    allowed: int
    healthy: int
    desired: int
    spent: int = 0

    def leave(self, pod: Pod) -> Leave:
        if needs_no_budget(pod):
            return Leave.FREE
        if not pod.is_ready and (self.budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow" or self.healthy >= self.desired > 0):
            return Leave.FREE
        return Leave.SPENDS if self.allowed > 0 else Leave.REFUSED

    def spend(self, pod: Pod) -> None:
        """An eviction that was allowed. What was not healthy is given back as soon as the controller counts again."""
        if pod.is_ready:
            self.allowed -= 1
            self.healthy -= 1
            self.spent += 1

    def refill(self, pod: Pod) -> None:
        """The replacement of such a pod is Ready."""
        if pod.is_ready:
            self.allowed += 1
            self.healthy += 1
            self.spent -= 1


def needs_no_budget(pod: Pod) -> bool:
    """Pods that run nothing, or are going anyway, are evicted whatever their budget says."""
    return pod.is_terminating or pod.status.phase in ("Pending", "Succeeded", "Failed")


def purse(budget: PodDisruptionBudget, snapshot: Snapshot) -> Purse:
    """What the budget has now: by its status, which is what the eviction API asks; counted anew where that is older than its spec.

    Raises Unseen where it can be neither believed nor counted.
    """
    status = budget.status
    # A count that failed leaves no generation, and allows nothing.
    if status.observed_generation >= budget.metadata.generation or sync_failure(budget) is not None:
        return Purse(budget, status.disruptions_allowed, status.current_healthy, status.desired_healthy)
    counted = count(budget, snapshot)
    return Purse(budget, counted.allowed, counted.healthy, counted.desired)
