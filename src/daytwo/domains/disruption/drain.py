"""A drain played through before anything is done: which pods go, in which order, what stays, and what would stop it.

Pods go one after the other, each after the replacement of the one before is Ready. So a budget is spent for good only by pods whose
replacement finds no place, or that nothing replaces.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from daytwo.domains.disruption.arithmetic import Leave, Purse, needs_no_budget, purse
from daytwo.domains.disruption.coverage import covered_pods, rule, sync_failure
from daytwo.domains.disruption.elsewhere import Elsewhere, Fate, Placement, replacement
from daytwo.model.gap import Unseen
from daytwo.model.metadata import Condition
from daytwo.model.pod import Pod
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet


class Why(StrEnum):
    """Why a pod is not evicted."""

    DAEMON_SET = "DaemonSet"
    STATIC = "static"
    FINISHED = "finished"
    TERMINATING = "terminating"
    BARE = "bare"
    LOCAL = "local data"


@dataclass(frozen=True, slots=True)
class Stay:
    """A pod that a drain leaves where it is. `detail` says more, such as the finalizers that hold it."""

    pod: Pod
    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Eviction:
    """One pod in its turn: at whose expense it goes, and where its replacement would go."""

    pod: Pod
    leave: Leave
    placement: Placement
    budget: PodDisruptionBudget | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A pod whose eviction would be refused for good; `fix` says what to do."""

    pod: Pod
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Drain:
    """`doubts` are refusals that come about only if replacements of which nothing is known do not become Ready."""

    evictions: tuple[Eviction, ...]
    refusals: tuple[Refusal, ...] = ()
    doubts: tuple[Refusal, ...] = ()


_KNOWN: Final = frozenset({Fate.PLACED})
_HOPED: Final = frozenset({Fate.PLACED, Fate.UNKNOWN})


def stays(pod: Pod, snapshot: Snapshot, *, takes_bare: bool = False, takes_local: bool = False) -> Stay | None:
    """Why a drain leaves this pod; None for one that it evicts. The order of the questions is kubectl's.

    Source: https://github.com/kubernetes/kubectl/blob/v0.36.2/pkg/drain/filters.go
    """
    if pod.is_terminating:
        held = f"held by {', '.join(pod.metadata.finalizers)}" if pod.metadata.finalizers else ""
        return Stay(pod, Why.TERMINATING, held)
    if pod.is_mirror:
        return Stay(pod, Why.STATIC)
    if pod.is_finished:
        return Stay(pod, Why.FINISHED)
    gone = replacement(pod, snapshot)
    is_replaced = gone is None or gone.fate is not Fate.NONE
    if is_replaced and pod.controller is not None and pod.controller.kind == DaemonSet.KIND:
        return Stay(pod, Why.DAEMON_SET)
    if not takes_local and any(volume.empty_dir is not None for volume in pod.spec.volumes):
        return Stay(pod, Why.LOCAL)
    if not takes_bare and gone is not None and gone.fate is Fate.NONE:
        return Stay(pod, Why.BARE, gone.why)
    return None


def play(node: str, going: Iterable[Pod], snapshot: Snapshot) -> Drain:
    """The drain of these pods of a node. Where budgets were not read it is played as if there were none: whoever asks says so."""
    pods = sorted(going, key=lambda pod: (pod.namespace, pod.name))
    certain = _play(node, pods, snapshot, _KNOWN)
    if not certain.refusals:
        return certain
    hoped = _play(node, pods, snapshot, _HOPED)
    return hoped if hoped.refusals else Drain(hoped.evictions, doubts=certain.refusals)


def most_away(evictions: Iterable[Eviction], snapshot: Snapshot) -> dict[Ref, int]:
    """Workload → how many of its pods are away at the same time at most, those that never find a place included."""
    lasting: dict[Ref, int] = {}
    most: dict[Ref, int] = {}
    for eviction in evictions:
        workload = snapshot.top_owner(eviction.pod)
        away = lasting.get(workload, 0) + 1
        most[workload] = max(most.get(workload, 0), away)
        if eviction.placement.fate is not Fate.PLACED:
            lasting[workload] = away
    return most


# -- the play -------------------------------------------------------------------------------------------------------


def _play(node: str, pods: list[Pod], snapshot: Snapshot, refills: frozenset[Fate]) -> Drain:
    elsewhere = Elsewhere(node, snapshot)
    purses: dict[Ref, Purse | Unseen] = {}
    budgets: dict[str, tuple[PodDisruptionBudget, ...]] = {}
    for pod in pods:
        budgets[pod.metadata.uid] = snapshot.budgets_selecting(pod.metadata.labels, pod.namespace)
        for budget in budgets[pod.metadata.uid]:
            if budget.ref not in purses:
                purses[budget.ref] = _purse(budget, snapshot)

    def leave(pod: Pod) -> Leave:
        mine = budgets[pod.metadata.uid]
        if not mine or needs_no_budget(pod):
            return Leave.FREE
        held = purses[mine[0].ref]
        return held.leave(pod) if len(mine) == 1 and isinstance(held, Purse) else Leave.REFUSED

    def rank(pod: Pod) -> tuple[bool, int, bool, int, str, str]:
        """What asks nothing of a budget goes first, then whose budget has most room; what is never replaced, last of its budget."""
        spends = leave(pod) is Leave.SPENDS
        held = purses[budgets[pod.metadata.uid][0].ref] if spends else None
        room = held.allowed if isinstance(held, Purse) else 0
        return spends, -room, replacement(pod, snapshot) is not None, pod.spec.priority or 0, pod.namespace, pod.name

    waiting, evictions = list(pods), []
    while able := [pod for pod in waiting if leave(pod) is not Leave.REFUSED]:
        pod = min(able, key=rank)
        waiting.remove(pod)
        how, mine = leave(pod), budgets[pod.metadata.uid]
        placement = elsewhere.place(pod)
        evictions.append(Eviction(pod, how, placement, mine[0] if mine else None))
        held = purses[mine[0].ref] if how is Leave.SPENDS else None
        if isinstance(held, Purse):
            held.spend(pod)
            if placement.fate in refills:
                held.refill(pod)
    refusals = tuple(_refusal(pod, budgets[pod.metadata.uid], purses, snapshot) for pod in waiting)
    return Drain(tuple(evictions), refusals)


def refusal(pod: Pod, snapshot: Snapshot) -> Refusal | None:
    """Why an eviction of this pod alone would be refused now; None when it would not. Raises Unseen where budgets were not read."""
    snapshot.require(PodDisruptionBudget.KIND, pod.namespace)
    mine = snapshot.budgets_selecting(pod.metadata.labels, pod.namespace)
    if not mine or needs_no_budget(pod):
        return None
    held = {budget.ref: _purse(budget, snapshot) for budget in mine}
    only = held[mine[0].ref]
    if len(mine) == 1 and isinstance(only, Purse) and only.leave(pod) is not Leave.REFUSED:
        return None
    return _refusal(pod, mine, held, snapshot)


def _purse(budget: PodDisruptionBudget, snapshot: Snapshot) -> Purse | Unseen:
    try:
        return purse(budget, snapshot)
    except Unseen as unseen:
        return unseen


def _refusal(pod: Pod, budgets: tuple[PodDisruptionBudget, ...], purses: dict[Ref, Purse | Unseen], snapshot: Snapshot) -> Refusal:
    if len(budgets) > 1:
        names = " and ".join(budget.name for budget in budgets)
        return Refusal(
            pod,
            f"disruption budgets {names} both select it, and pods with more than one are never evicted",
            "change their selectors so that one of them is left",
        )
    budget = budgets[0]
    held = purses[budget.ref]
    name = f"disruption budget {budget.namespace}/{budget.name} ({rule(budget)})"
    if isinstance(held, Unseen):
        return Refusal(pod, f"{name} has a status older than its spec", "try again in a moment")
    failure = sync_failure(budget)
    if failure is not None:
        return Refusal(pod, f"{name} allows nothing, since it cannot be counted: {failure}", "set its minAvailable to a whole number")
    status = budget.status
    sums = f"{status.current_healthy} of {status.expected_pods} pods are healthy and {held.desired} must stay"
    if held.spent:
        why = f"{name} is spent by then: the replacements of {held.spent} of its pods find no place; {sums}"
        return Refusal(pod, why, "make room on the other nodes first")
    if held.desired >= status.expected_pods:
        return Refusal(
            pod, f"{name} spares none: {sums}", f"scale {snapshot.top_owner(pod)} up by one for the while, or let the budget spare one"
        )
    unready = [other for other in covered_pods(budget, snapshot) if not other.is_ready]
    which = f" ({', '.join(f'{one.name}: {_state(one)}' for one in unready[:3])})" if unready else ""
    fix = "bring its unhealthy pods back first, or wait until those that start are ready"
    if not pod.is_ready:
        fix = "bring it back first, or give the budget unhealthyPodEvictionPolicy: AlwaysAllow"
    return Refusal(pod, f"{name} spares none now: {sums}{which}", fix)


def _state(pod: Pod) -> str:
    scheduled = pod.condition("PodScheduled")
    if isinstance(scheduled, Condition) and scheduled.status == "False":
        return scheduled.reason or "not scheduled"
    return next((status.waiting_reason for status in pod.statuses if status.waiting_reason), "not ready")
