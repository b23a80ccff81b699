"""The check `disruption/budget-over-several-workloads`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.disruption.coverage import is_countable, protected
from daytwo.model.finding import Hit
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    PodDisruptionBudget,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    by_hand="which workload gets which budget is for their owners to say",
)
def budget_over_several_workloads(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """A disruption budget that selects the pods of more than one workload.

    Why: their replicas are summed, so the budget may be spent on one workload alone: it may lose every replica while the sum holds,
    and one that is broken takes the others' evictions away. An empty selector, `{}`, is every pod of the namespace in policy/v1.
    Fix: give each workload a budget of its own.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    Not: an absent selector, which selects nothing; DaemonSets, Jobs and naked pods beside one workload.
    """
    workloads = [workload.ref for workload in protected(budget, snapshot) if is_countable(workload)]
    if len(workloads) < 2:
        return
    named = ", ".join(f"{ref.kind} {ref.name}" for ref in workloads[:3]) + (f" and {len(workloads) - 3} more" if len(workloads) > 3 else "")
    how = "its empty selector is every pod of the namespace: " if budget.spec.selector is not None and budget.spec.selector.is_empty else ""
    yield Hit(f"counts {len(workloads)} workloads as one: {how}{named}", path="spec.selector", fix="write one budget for each workload")
