"""The check `readiness/few-replicas`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.scaling import scale_of
from daytwo.model.serving import named, serving_services
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, Rollout


class FewestReplicas(msgspec.Struct, frozen=True):
    """How many replicas of what a Service leads to are few."""

    minimum: int = 3


@check(
    Deployment,
    Rollout,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    options=FewestReplicas,
    applies=lambda workload: workload.replicas > 1,
    by_hand="how many replicas the load takes only its owner knows",
)
def few_replicas(workload: Deployment | Rollout, snapshot: Snapshot, options: FewestReplicas) -> Iterator[Hit]:
    """Fewer replicas behind a Service than a profile asks for.

    Why: of two replicas one is away during each drain and each rollout; a fault of the other is then an outage.
    Fix: run one more, or let an autoscaler keep that many.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment
    Not: a single replica, which workloads/single-replica-behind-service tells, and what no Service leads to.
    """
    scale = scale_of(workload, snapshot)
    if 1 < scale.fewest < options.minimum and (services := serving_services(workload, snapshot)):
        path = "spec.replicas" if scale.by is None else ""
        yield Hit(f"{scale.fewest} replicas serve {named(services)}; {options.minimum} are asked for", path)
