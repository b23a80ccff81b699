"""The check `workloads/in-one-zone`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.workloads.placement import SPREAD_KINDS, Spread, choice, evidence, is_rolling, is_spread_kind, ready_pods
from daytwo.model.command import kubectl
from daytwo.model.finding import Hit
from daytwo.model.node import Node
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
def in_one_zone(workload: Spread, snapshot: Snapshot) -> Iterator[Hit]:
    """All ready pods of a workload are in one zone now, though another has nodes that could take some.

    Why: a cluster over several zones is meant to survive the loss of one; this workload does not.
    Fix: add topologySpreadConstraints over topology.kubernetes.io/zone, and restart the rollout once.
    Source: https://kubernetes.io/docs/setup/best-practices/multiple-zones/
    Not: a rollout in progress; pods that are all on one node, which workloads/on-one-node tells. Where a node selector, an affinity or
    a volume leaves just one zone, that is explained and not held against the workload.
    """
    pods = ready_pods(workload, snapshot)
    names = {pod.spec.node_name for pod in pods}
    if len(pods) < 2 or len(names) < 2 or is_rolling(workload, snapshot):
        return
    nodes = [snapshot.get(Node, "", name) for name in names]
    zones = {node.zone if node is not None else "" for node in nodes}
    if len(zones) != 1 or "" in zones:
        return
    found = choice(pods, lambda node: node.zone, snapshot)
    if len(found.open_places) < 2:
        return
    zone, bound_by = zones.pop(), found.bound_by
    others = ", ".join(sorted(found.reachable - {zone})[:3])
    yield Hit(
        f"all {len(pods)} ready pods are in zone {zone}, {f'the only one {bound_by}' if bound_by else f'though {others} could take some'}",
        path="spec.template.spec.topologySpreadConstraints",
        evidence=evidence(pods),
        confirm=kubectl("get", "nodes", "-L", "topology.kubernetes.io/zone"),
        harm=Harm.NONE if bound_by else None,
        severity=Severity.INFO if bound_by else None,
    )
