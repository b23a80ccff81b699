"""The check `disruption/budget-over-uncountable-pods`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.disruption.coverage import protected, rule
from daytwo.model.finding import Hit
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, DaemonSet, Job


@check(
    PodDisruptionBudget,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    by_hand="whether the selector or the rule should change depends on what the budget is meant to protect",
)
def budget_over_uncountable_pods(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """A disruption budget with maxUnavailable or a percentage that selects pods of a DaemonSet or a Job.

    Why: such a rule is counted from the number of replicas that the pods' controllers want. A DaemonSet and a Job have none, so the
    count fails, for all other pods that the budget selects as well, and none of them may be evicted.
    Fix: let the selector match only pods of workloads that can be scaled, or write minAvailable as a whole number.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#arbitrary-controllers-and-selectors
    """
    spec = budget.spec
    if spec.max_unavailable is None and not isinstance(spec.min_available, str):
        return
    for workload in protected(budget, snapshot):
        if isinstance(workload, DaemonSet | Job | CronJob):
            yield Hit(
                f"{rule(budget)} cannot be counted: it selects pods of {workload.KIND} {workload.name}, which has no number of replicas",
                path="spec.selector",
                fix="narrow the selector, or write minAvailable as a whole number",
            )
            return
