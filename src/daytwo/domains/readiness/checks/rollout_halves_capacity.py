"""The check `readiness/rollout-halves-capacity`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.rolling import rolling_of, without_loss
from daytwo.domains.readiness.subjects import Rolled, has_own_template
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.scaling import scale_of
from daytwo.model.serving import named, serving_services
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, Rollout, StatefulSet


@check(Deployment, StatefulSet, Rollout, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, applies=has_own_template)
def rollout_halves_capacity(workload: Rolled, snapshot: Snapshot) -> Iterator[Hit]:
    """A rolling update that may take away half of the pods, or more, at the same time.

    Why: those that are left get twice the requests; what is sized for all of them does not stand that, and fails during rollouts only.
    Fix: set maxUnavailable to 0 with a maxSurge of 1.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable
    Not: what no Service leads to; the one of two pods of a StatefulSet, which can replace them one by one and no better. Where all may
    go, readiness/rollout-takes-all-down tells it.
    """
    replicas = scale_of(workload, snapshot).fewest
    bounds = rolling_of(workload, replicas)
    if bounds is None or bounds.away >= replicas or 2 * bounds.away < replicas or (bounds.away == 1 and isinstance(workload, StatefulSet)):
        return
    if services := serving_services(workload, snapshot):
        yield Hit(
            f"a rollout may leave {replicas - bounds.away} of {replicas} pods for {named(services)}",
            path=f"{bounds.path}.maxUnavailable",
            repair=setting(f"{bounds.path}.maxUnavailable", 1) if isinstance(workload, StatefulSet) else without_loss(bounds),
        )
