"""The check `readiness/wide-skew`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.spreading import constraints_of, counts_itself
from daytwo.domains.readiness.subjects import REPLICATED_KINDS, Replicated, has_own_template
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(*REPLICATED_KINDS, heading=Heading.RELIABILITY, severity=Severity.LOW, applies=has_own_template)
def wide_skew(workload: Replicated, snapshot: Snapshot) -> Iterator[Hit]:
    """A spread constraint allows as much difference as there are replicas.

    Why: with a maxSkew of the number of replicas all of them may stand in one place: the constraint says nothing.
    Fix: set maxSkew to 1.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#topologyspreadconstraints-field
    Not: one replica, and constraints that count other pods, which readiness/spread-counts-others tells.
    """
    for constraint, path in constraints_of(workload):
        if constraint.max_skew < 2 or not counts_itself(constraint, workload):
            continue
        most = scale_of(workload, snapshot).most
        if 1 < most <= constraint.max_skew:
            is_soft = constraint.when_unsatisfiable == "ScheduleAnyway"
            yield Hit(
                f"a maxSkew of {constraint.max_skew} over {constraint.topology_key} lets all of its {most} replicas stand in one place",
                path=f"{path}.maxSkew",
                item=constraint.topology_key,
                repair=setting(f"{path}.maxSkew", 1) if is_soft else None,
                by_hand="" if is_soft else "a hard constraint that begins to count may leave pods without a node",
            )
