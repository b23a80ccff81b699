"""The check `readiness/rollout-takes-all-down`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.rolling import one_at_a_time, rolling_of
from daytwo.domains.readiness.subjects import ROLLED_KINDS, Rolled, has_own_template
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.scaling import scale_of
from daytwo.model.serving import named, serving_services
from daytwo.model.severity import Heading, Severity
from daytwo.model.single_writer import has_single_writer
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, StatefulSet


@check(*ROLLED_KINDS, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, applies=has_own_template)
def rollout_takes_all_down(workload: Rolled, snapshot: Snapshot) -> Iterator[Hit]:
    """A rolling update that may take all pods away at the same time.

    Why: a rollout is then an outage, and a broken image one without end: nothing waits for a new pod to be ready.
    Fix: set maxUnavailable to 0 with a maxSurge of 1, or to a number below that of the replicas.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable
    Not: what no Service leads to; a single replica whose volume only one at a time may write. Of a DaemonSet only 100% is held against
    it, whoever it serves: it is gone from every node at once.
    """
    if isinstance(workload, DaemonSet):
        rolling = workload.spec.update_strategy.rolling_update
        if workload.spec.update_strategy.type != "OnDelete" and rolling is not None and rolling.max_unavailable == "100%":
            path = "spec.updateStrategy.rollingUpdate.maxUnavailable"
            yield Hit("a rollout takes it away from every node at once", path, repair=setting(path, 1))
        return
    replicas = scale_of(workload, snapshot).fewest
    bounds = rolling_of(workload, replicas)
    if bounds is None or replicas < 1 or bounds.away < replicas or (replicas == 1 and isinstance(workload, StatefulSet)):
        return
    if replicas == 1 and has_single_writer(workload, snapshot):
        return
    if services := serving_services(workload, snapshot):
        count = "its only pod" if replicas == 1 else f"all {replicas} pods"
        yield Hit(
            f"a rollout may take {count} away at once, and with that {named(services)}",
            path=f"{bounds.path}.maxUnavailable",
            repair=one_at_a_time(bounds, replicas),
        )
