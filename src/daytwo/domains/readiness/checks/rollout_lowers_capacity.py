"""The check `readiness/rollout-lowers-capacity`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.rolling import rolling_of, without_loss
from daytwo.domains.readiness.subjects import has_own_template
from daytwo.model.finding import Hit
from daytwo.model.scaling import scale_of
from daytwo.model.serving import named, serving_services
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, Rollout


@check(Deployment, Rollout, heading=Heading.RELIABILITY, severity=Severity.LOW, applies=has_own_template)
def rollout_lowers_capacity(workload: Deployment | Rollout, snapshot: Snapshot) -> Iterator[Hit]:
    """A rolling update that takes a pod away before its successor is ready.

    Why: during each rollout fewer pods serve than are wanted, and one whose image is broken keeps it that way until somebody acts.
    Fix: set maxUnavailable to 0 and maxSurge to 1: a pod is added first.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable
    Not: what no Service leads to. Up to three replicas the API server's own 25% rounds down to none. Half of the pods or more is told
    by readiness/rollout-halves-capacity.
    """
    replicas = scale_of(workload, snapshot).fewest
    bounds = rolling_of(workload, replicas)
    if bounds is None or not bounds.away or 2 * bounds.away >= replicas:
        return
    if services := serving_services(workload, snapshot):
        pods = "1 pod" if bounds.away == 1 else f"{bounds.away} pods"
        yield Hit(
            f"a rollout may take {pods} of {replicas} from {named(services)} before others are ready",
            path=f"{bounds.path}.maxUnavailable",
            repair=without_loss(bounds),
        )
