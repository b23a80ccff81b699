"""The check `disruption/budget-allows-every-eviction`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.disruption.arithmetic import spared
from daytwo.domains.disruption.coverage import counted, is_countable, protected, rule
from daytwo.model.finding import Hit
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    PodDisruptionBudget,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    by_hand="how many pods may be away at once is a promise to users: a person decides",
)
def budget_allows_every_eviction(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """A disruption budget that lets all of its pods be evicted at once.

    Why: it reads like protection and is none: a drain of several nodes may take every replica.
    Fix: write `maxUnavailable: 1`, or a minAvailable of at least 1.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    Not: a single replica with `maxUnavailable: 1`, which says on purpose that it may go; percentages are rounded up, so 50 % of
    three pods are two.
    """
    spec = budget.spec
    if spec.max_unavailable is None and spec.min_available is None:
        return
    fewest, _ = counted(budget, snapshot)
    workloads = [workload for workload in protected(budget, snapshot) if is_countable(workload)]
    always = spec.max_unavailable == "100%" or spec.min_available in (0, "0%")
    if not always and (not workloads or fewest < 2):
        return
    try:
        if not always and spared(budget, fewest) < fewest:
            return
    except ValueError:
        return
    if always and workloads and fewest == 1 and spec.min_available is None:
        return
    yield Hit(
        f"{rule(budget)} lets {f'all of its {fewest} pods' if fewest > 1 else 'all of its pods'} be evicted at once",
        path="spec.maxUnavailable" if spec.max_unavailable is not None else "spec.minAvailable",
        fix="write maxUnavailable 1",
    )
