"""The check `disruption/budget-blocks-every-eviction`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.disruption.arithmetic import spared
from daytwo.domains.disruption.coverage import blocked_since, counted, covered_pods, is_countable, owner_of_most, protected, rule, stale
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.gap import Unseen
from daytwo.model.pod import Pod
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.ref import Ref
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, StatefulSet

# A rollout or a restart leaves too few healthy pods for a while.
_LASTING: Final = timedelta(minutes=15)


@check(
    PodDisruptionBudget,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    by_hand="one replica more costs money, and how many may be away is a promise to users: both are for a person to decide",
)
def budget_blocks_every_eviction(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """A disruption budget that lets no pod be evicted: by its own arithmetic, or because too few of its pods are healthy.

    Why: draining a node hangs until its timeout, so upgrades, repairs and scaling down stop there; forced, they take the last replica.
    Fix: run one replica more than the budget asks for, or let it spare one. Never delete the budget to get a drain through.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    Not: budgets that select nothing or whose workload is scaled to zero, pods of a DaemonSet (a drain leaves them), and the first
    15 minutes with too few healthy pods. That last case follows from the workload's own fault. What is so only at the minimum of an
    autoscaler is `disruption/budget-above-autoscaler-minimum`; a budget with neither field is `disruption/budget-without-rule`.
    """
    if budget.is_declared:
        yield from _declared(budget, snapshot)
        return
    hidden = stale(budget)
    if hidden is not None:
        raise Unseen(hidden)
    status = budget.status
    if status.disruptions_allowed > 0 or (status.expected_pods == 0 and status.current_healthy == 0):
        return
    pods = [pod for pod in covered_pods(budget, snapshot) if snapshot.top_owner(pod).kind != "DaemonSet"]
    if not pods:
        return
    reason = _reason(budget, pods, snapshot)
    if reason is None:
        return
    at = blocked_since(budget)
    nodes = sorted({pod.spec.node_name for pod in pods if pod.spec.node_name})
    evidence = [
        Evidence(
            f"disruption budget {budget.name}: {rule(budget)}, {status.expected_pods} expected, {status.desired_healthy} must be healthy, "
            f"{status.current_healthy} are, 0 disruptions allowed",
            at,
        )
    ]
    if nodes:
        evidence.append(Evidence(f"a drain would hang on {'node' if len(nodes) == 1 else 'nodes'} {_listed(nodes)}"))
    yield Hit(
        f"lets no pod be evicted: {reason.why}",
        path="spec.maxUnavailable" if budget.spec.max_unavailable is not None else "spec.minAvailable",
        fix=reason.fix,
        since=Since(at, exact=False) if at is not None else None,
        evidence=tuple(evidence),
        because=reason.because,
        confirm=kubectl("describe", "pdb", budget.name, namespace=budget.namespace),
    )


def _declared(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """The same by arithmetic alone, where there is no status: whatever number of pods is meant, all must stay."""
    spec = budget.spec
    if spec.max_unavailable is None and spec.min_available is None:
        return
    workloads = protected(budget, snapshot)
    always = spec.max_unavailable in (0, "0%") or spec.min_available == "100%"
    if not workloads and not always:
        snapshot.require(Deployment.KIND, budget.namespace)
        snapshot.require(StatefulSet.KIND, budget.namespace)
        return
    if workloads and not any(is_countable(workload) for workload in workloads):
        return
    most = counted(budget, snapshot)[1]
    if workloads and most == 0:
        return
    try:
        if not always and spared(budget, most) > 0:
            return
    except ValueError:
        return
    if not workloads:
        whose = "spares no pod of however many there are"
    else:
        whose = "does not spare its only pod" if most == 1 else f"spares none of its {most} pods"
    yield Hit(
        f"lets no pod be evicted: {rule(budget)} {whose}",
        path="spec.maxUnavailable" if spec.max_unavailable is not None else "spec.minAvailable",
        fix=_fix(budget),
    )


@dataclass(frozen=True, slots=True)
class _Reason:
    """`because` is the workload whose own fault this follows from; empty where the budget's arithmetic alone blocks."""

    why: str
    fix: str
    because: tuple[Ref, ...] = ()


def _reason(budget: PodDisruptionBudget, pods: list[Pod], snapshot: Snapshot) -> _Reason | None:
    status = budget.status
    if status.expected_pods == 0:
        return _Reason(f"some of its pods have no controller, so {rule(budget)} cannot be counted", "set minAvailable to a whole number")
    unready = [pod for pod in pods if not pod.is_ready]
    if status.desired_healthy >= status.expected_pods:
        most = counted(budget, snapshot)[1]
        if most > status.expected_pods and not unready and spared(budget, most) > 0:
            return None
        all_of_them = "does not spare its only pod" if status.expected_pods == 1 else f"spares none of its {status.expected_pods} pods"
        because = (owner_of_most(unready, snapshot),) if unready else ()
        return _Reason(f"{rule(budget)} {all_of_them}", _fix(budget), because)
    at = blocked_since(budget)
    if at is not None and snapshot.taken_at - at < _LASTING:
        return None
    why = f"{status.current_healthy} of {status.expected_pods} pods are healthy and it needs {status.desired_healthy}"
    return _Reason(why, _policy(budget), (owner_of_most(unready or pods, snapshot),))


def _fix(budget: PodDisruptionBudget) -> str:
    if budget.spec.max_unavailable is not None:
        return "let maxUnavailable spare one pod, once the workload runs two or more"
    return "run one replica more, or lower minAvailable by one; before a drain, scale up by one"


def _policy(budget: PodDisruptionBudget) -> str:
    if budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow":
        return ""
    return "unhealthyPodEvictionPolicy: AlwaysAllow would at least let the broken pods be evicted"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
