"""The check `readiness/recreate-strategy`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.serving import named, serving_services
from daytwo.model.severity import Heading, Severity
from daytwo.model.single_writer import has_single_writer
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment


@check(
    Deployment,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    applies=lambda deployment: deployment.spec.strategy.type == "Recreate",
    by_hand="whether two versions of it may run at the same time only its owner knows",
)
def recreate_strategy(deployment: Deployment, snapshot: Snapshot) -> Iterator[Hit]:
    """A Deployment behind a Service stops all its pods before it starts new ones.

    Why: every rollout is an outage, for as long as the new pods take to become ready, and a broken image is one without end.
    Fix: set strategy.type to RollingUpdate, if the old and the new version can run side by side.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment
    Not: a volume that one node or pod at a time may write: there it is the right strategy. Nor what no Service leads to.
    """
    if not has_single_writer(deployment, snapshot) and (services := serving_services(deployment, snapshot)):
        yield Hit(
            f"every rollout takes {named(services)} down: all old pods are stopped before a new one starts",
            path="spec.strategy.type",
            fix="set strategy.type to RollingUpdate, if the old and the new version can run side by side",
        )
