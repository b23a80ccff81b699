"""The check `workloads/on-one-node`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.workloads.placement import SPREAD_KINDS, Spread, choice, evidence, is_rolling, is_spread_kind, ready_pods
from daytwo.model.command import kubectl
from daytwo.model.finding import Hit
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    *SPREAD_KINDS,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    applies=is_spread_kind,
    basis=Basis.STATE,
)
def on_one_node(workload: Spread, snapshot: Snapshot) -> Iterator[Hit]:
    """All ready pods of a workload are on one node now, though others could take some.

    Why: several replicas are meant to survive the loss or the drain of a node; these do not.
    Fix: add topologySpreadConstraints over kubernetes.io/hostname, or a podAntiAffinity, and restart the rollout once.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
    Not: a rollout in progress; a cluster in which only one node takes such pods at all. Where a node selector, an affinity or a volume
    leaves just one node, that is explained and not held against the workload.
    """
    pods = ready_pods(workload, snapshot)
    nodes = {pod.spec.node_name for pod in pods}
    if len(pods) < 2 or len(nodes) != 1 or is_rolling(workload, snapshot):
        return
    found = choice(pods, lambda node: node.name, snapshot)
    if len(found.open_places) < 2:
        return
    node, bound_by = nodes.pop(), found.bound_by
    others = len(found.reachable - {node})
    tail = f"the only one {bound_by}" if bound_by else f"though {others} other {'node' if others == 1 else 'nodes'} could take some"
    yield Hit(
        f"all {len(pods)} ready pods are on node {node}, {tail}",
        path="spec.template.spec.topologySpreadConstraints",
        evidence=evidence(pods),
        confirm=kubectl("get", "pods", "-o", "wide", namespace=workload.namespace),
        harm=Harm.NONE if bound_by else None,
        severity=Severity.INFO if bound_by else None,
    )
