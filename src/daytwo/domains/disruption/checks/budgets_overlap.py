"""The check `disruption/budgets-overlap`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.disruption.coverage import budgets_of, covered_pods, owner_of_most, protected
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.pod import Pod
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet


@check(
    PodDisruptionBudget,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    by_hand="which of the two budgets should stay is for their owners to say",
)
def budgets_overlap(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """Two disruption budgets that select the same pod. Told once for each pair, on the first by name.

    Why: the eviction of such a pod is refused with an error, whatever the budgets would allow, so no drain of its node ever passes.
    Fix: keep one budget for each pod: narrow a selector, or delete the budget that says less.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    Not: pods that are finished or on their way out, and pods of a DaemonSet (a drain leaves them).
    """
    if budget.is_declared:
        yield from _declared(budget, snapshot)
        return
    shared: dict[str, list[Pod]] = {}
    for pod in covered_pods(budget, snapshot):
        if snapshot.top_owner(pod).kind == "DaemonSet":
            continue
        for other in snapshot.budgets_selecting(pod.labels, budget.namespace):
            if other.name > budget.name:
                shared.setdefault(other.name, []).append(pod)
    for name, pods in sorted(shared.items()):
        owner = owner_of_most(pods, snapshot)
        nodes = sorted({pod.spec.node_name for pod in pods if pod.spec.node_name})
        evidence = [Evidence(f"pod {pods[0].name} is selected by budgets {budget.name} and {name}")]
        if nodes:
            more = f" and {len(nodes) - 3} more" if len(nodes) > 3 else ""
            evidence.append(Evidence(f"a drain would fail on {'node' if len(nodes) == 1 else 'nodes'} {', '.join(nodes[:3])}{more}"))
        count, whose = ("1 pod", "its") if len(pods) == 1 else (f"{len(pods)} pods", "their")
        yield Hit(
            f"selects {count} of {owner.kind} {owner.name} together with disruption budget {name}: {whose} eviction is refused",
            path="spec.selector",
            item=name,
            evidence=tuple(evidence),
            confirm=kubectl("get", "pdb", budget.name, name, "-o", "wide", namespace=budget.namespace),
        )


def _declared(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """The same told from pod templates, where there are no pods."""
    shared: dict[str, list[Runnable]] = {}
    for workload in protected(budget, snapshot):
        if not isinstance(workload, DaemonSet):
            for other in budgets_of(workload, snapshot):
                if other.name > budget.name:
                    shared.setdefault(other.name, []).append(workload)
    for name, workloads in sorted(shared.items()):
        first = workloads[0].ref
        who = f"{first.kind} {first.name}" + (f" and {len(workloads) - 1} more" if len(workloads) > 1 else "")
        yield Hit(
            f"selects the pods of {who} together with disruption budget {name}: their eviction is refused", path="spec.selector", item=name
        )
