"""The check `disruption/budget-above-autoscaler-minimum`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.disruption.arithmetic import spared
from daytwo.domains.disruption.coverage import counted, is_countable, protected, rule
from daytwo.model.finding import Hit
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    PodDisruptionBudget,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    by_hand="a higher minimum costs money, a looser budget breaks a promise: a person decides which of the two numbers gives way",
)
def budget_above_autoscaler_minimum(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """A disruption budget that spares no pod once an autoscaler has gone down to its minimum.

    Why: at night, when load is low and clusters are drained and shrunk, the workload runs at its minimum and no pod may be evicted:
    the drain hangs just then.
    Fix: write `maxUnavailable: 1`, which holds at any size, or raise the autoscaler's minimum by one.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    Not: budgets that spare no pod at any size, which is `disruption/budget-blocks-every-eviction`; KEDA's ScaledObject counts as an
    autoscaler, and a minimum of zero leaves nothing to protect.
    """
    if budget.spec.max_unavailable is None and budget.spec.min_available is None:
        return
    scaled = [
        (one, scale) for one in protected(budget, snapshot) if is_countable(one) and (scale := scale_of(one, snapshot)).by is not None
    ]
    fewest, most = counted(budget, snapshot)
    if not scaled or fewest == 0 or fewest == most:
        return
    try:
        is_blocked = spared(budget, fewest) == 0 and spared(budget, most) > 0
    except ValueError:
        return
    if is_blocked:
        workload, scale = scaled[0]
        assert scale.by is not None
        yield Hit(
            f"{rule(budget)} spares none of {fewest} {'pod' if fewest == 1 else 'pods'}, the fewest to which {scale.by.KIND} "
            f"{scale.by.name} scales {workload.ref.kind} {workload.name}",
            path="spec.minAvailable" if budget.spec.max_unavailable is None else "spec.maxUnavailable",
            fix=f"write maxUnavailable 1 instead, or raise the minimum above {fewest}",
        )
