"""The check `readiness/spread-counts-others`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.spreading import SELECTOR_UNKNOWN, as_json, constraints_of, counts_itself, keys_of_revision, selector_of
from daytwo.model.finding import Hit
from daytwo.model.pod_spec import TopologySpread
from daytwo.model.repair import Edit, Repair
from daytwo.model.runnable import Runnable
from daytwo.model.selector import Selector
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.MEDIUM)
def spread_counts_others(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A topology spread constraint that does not select the pods it stands in.

    Why: it spreads nothing. The scheduler counts the pods that its labelSelector matches; without one it counts none.
    Fix: give it the labels of the pod template as its labelSelector.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#topologyspreadconstraints-field
    Not: anti-affinity towards other pods, which is a purpose of its own.
    """
    selector = selector_of(runnable)
    for constraint, path in constraints_of(runnable):
        if counts_itself(constraint, runnable):
            continue
        is_soft = constraint.when_unsatisfiable == "ScheduleAnyway"
        wanted = "no pod: it has no labelSelector" if constraint.label_selector is None else f"pods with {constraint.label_selector}"
        yield Hit(
            f"the spread over {constraint.topology_key} counts {wanted}, and not its own pods",
            path=f"{path}.labelSelector",
            item=f"{constraint.topology_key} {constraint.when_unsatisfiable}",
            repair=_repair(runnable, constraint, path, selector, snapshot.cluster.minor) if is_soft and selector is not None else None,
            by_hand=SELECTOR_UNKNOWN if is_soft else "a hard constraint that begins to count may leave pods without a node",
        )


def _repair(runnable: Runnable, constraint: TopologySpread, path: str, selector: Selector, minor: int | None) -> Repair:
    counted = Edit(f"{path}.labelSelector", as_json(selector))
    keys = [key for key in keys_of_revision(runnable, minor) if key not in constraint.match_label_keys]
    return Repair((counted, Edit(f"{path}.matchLabelKeys", [*constraint.match_label_keys, *keys])) if keys else (counted,))
