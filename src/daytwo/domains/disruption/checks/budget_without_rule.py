"""The check `disruption/budget-without-rule`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(PodDisruptionBudget, heading=Heading.RELIABILITY, severity=Severity.MEDIUM)
def budget_without_rule(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """A disruption budget that sets neither minAvailable nor maxUnavailable.

    Why: the API server takes it, the disruption controller then counts nothing and allows nothing: no pod that it selects can be
    evicted, and every drain of their nodes hangs.
    Fix: say how many pods may be away, `maxUnavailable: 1`.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    """
    if budget.spec.max_unavailable is None and budget.spec.min_available is None:
        yield Hit(
            "sets neither minAvailable nor maxUnavailable, so no pod that it selects may be evicted",
            path="spec.maxUnavailable",
            fix="set maxUnavailable to 1",
            repair=setting("spec.maxUnavailable", 1),
        )
