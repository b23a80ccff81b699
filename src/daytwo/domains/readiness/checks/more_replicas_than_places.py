"""The check `readiness/more-replicas-than-places`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.rolling import rolling_of
from daytwo.domains.readiness.spreading import spreads
from daytwo.domains.readiness.subjects import has_own_template
from daytwo.model.command import kubectl
from daytwo.model.finding import Hit
from daytwo.model.node import Node
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, Rollout, StatefulSet


@check(
    Deployment,
    StatefulSet,
    Rollout,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    basis=Basis.STATE,
    by_hand="whether pods may share a node only its owner knows",
    applies=has_own_template,
)
def more_replicas_than_places(workload: Deployment | StatefulSet | Rollout, snapshot: Snapshot) -> Iterator[Hit]:
    """Required anti-affinity asks for more nodes (or zones) than there are.

    Why: each place takes one pod. What a rollout adds, or an autoscaler, finds none: rollouts hang and load is not served.
    Fix: make the rule preferred, or spread with a topologySpreadConstraint; or let the rollout take a pod away first (maxSurge 0).
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
    Not: places that taints, selectors or cordons close for a while: all that carry the label are counted.
    """
    for spread in spreads(workload):
        if not spread.is_hard or ".affinity." not in spread.path:
            continue
        scale = scale_of(workload, snapshot)
        places = {node.labels[spread.key] for node in snapshot.of(Node) if spread.key in node.labels}
        bounds = rolling_of(workload, scale.most)
        # One more is started in a rollout only where none may be taken away first.
        extra = bounds.extra if bounds is not None and not bounds.away else 0
        if not places or scale.most + min(extra, 1) <= len(places):
            continue
        what = f"up to {scale.most} replicas" if scale.most != scale.fewest else f"{scale.most} replicas"
        more = f"{what} and the pod that a rollout adds" if scale.most <= len(places) else what
        yield Hit(
            f"{more} must each have a {spread.key} of their own, and the cluster has {len(places)}",
            path=spread.path,
            item=spread.key,
            confirm=kubectl("get", "nodes", "-L", spread.key),
        )
