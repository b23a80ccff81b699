"""The check `readiness/topology-label-on-no-node`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.spreading import spreads
from daytwo.domains.readiness.subjects import REPLICATED_KINDS, Replicated, has_own_template
from daytwo.model.command import kubectl
from daytwo.model.finding import Hit
from daytwo.model.node import Node
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    *REPLICATED_KINDS,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    basis=Basis.STATE,
    by_hand="which label is meant only its owner knows",
    applies=has_own_template,
)
def topology_label_on_no_node(workload: Replicated, snapshot: Snapshot) -> Iterator[Hit]:
    """A rule that keeps pods apart goes by a label that no node carries.

    Why: a soft rule has no effect, and a hard spread constraint leaves every new pod without a node.
    Fix: use a label that the nodes carry, or label the nodes.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#node-labels
    Not: a cluster without nodes.
    """
    nodes = snapshot.of(Node)
    for key in sorted({spread.key for spread in spreads(workload)}):
        if nodes and not any(key in node.labels for node in nodes):
            spread = next(spread for spread in spreads(workload) if spread.key == key)
            yield Hit(
                f"keeps its pods apart by {key}, which none of {len(nodes)} nodes carries",
                path=f"{spread.path}.topologyKey",
                item=key,
                confirm=kubectl("get", "nodes", "-L", key),
            )
