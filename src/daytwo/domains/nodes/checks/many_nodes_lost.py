"""The check `nodes/many-nodes-lost`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.nodes.outage import MANY_RATIO, is_control_planes_fault, is_zone_lost, outages
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.node import Node
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Node, heading=Heading.RELIABILITY, severity=Severity.CRITICAL, harm=Harm.ACTIVE, basis=Basis.STATE)
def many_nodes_lost(node: Node, snapshot: Snapshot) -> Iterator[Hit]:
    """More than 30 % of the nodes are not ready at once. Told once, on the first of them.

    Why: the others cannot carry the load, and the node controller slows or stops evictions, so that pods seem to run on lost machines.
    Fix: look for what the lost nodes share: a zone, a network, a node image, the API server they report to.
    Source: https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction
    """
    lost = outages(snapshot)
    # Every other node is silent about it: one state, one line.
    if not lost or node.name != min(lost):
        return
    total = sum(not one.is_leaving for one in snapshot.of(Node))
    if len(lost) < 2 or len(lost) <= MANY_RATIO * total:
        return
    starts = [one.since for one in lost.values() if one.since is not None]
    zones = sorted({one.node.zone for one in lost.values()})
    shared = "" if "" in zones else f", all in zone {zones[0]}" if len(zones) == 1 else f", in zones {', '.join(zones)}"
    blames = is_control_planes_fault(snapshot)
    yield Hit(
        f"{len(lost)} of {total} nodes are not ready{shared}"
        + (": all fell silent at one moment, so suspect the API server" if blames else ""),
        item="nodes",
        since=min(starts, key=lambda since: since.at, default=None),
        because=_because(zones, blames, snapshot),
        evidence=tuple(
            Evidence(f"node {name}: {one.message}", one.since.at if one.since else None) for name, one in sorted(lost.items())[:5]
        ),
        confirm=kubectl("get", "nodes", "-o", "wide"),
    )


def _because(zones: list[str], blames: bool, snapshot: Snapshot) -> tuple[Ref, ...]:
    """What the lost nodes share, where that is lost as a whole."""
    if blames:
        return (Ref("ControlPlane", "", "api-server"),)
    return (Ref("Zone", "", zones[0]),) if len(zones) == 1 and is_zone_lost(zones[0], snapshot) else ()
