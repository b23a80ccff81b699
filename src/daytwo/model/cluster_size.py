"""Whether a cluster has the nodes it has, or gets more when pods need them, and what sizes they are of."""

from collections.abc import Mapping

from daytwo.model.config import ConfigMap
from daytwo.model.node import Node
from daytwo.model.pod_spec import Quantity
from daytwo.model.snapshot import Snapshot


def is_autoscaled(snapshot: Snapshot) -> bool:
    """Whether an autoscaler would bring a node: Karpenter labels those it made, the Cluster Autoscaler keeps a status."""
    return snapshot.once(_is_autoscaled)


def node_sizes(snapshot: Snapshot) -> tuple[Mapping[str, Quantity], ...]:
    """What the nodes seen can give, each different one once: hundreds of nodes are of a few sizes."""
    return snapshot.once(_node_sizes)


def _node_sizes(snapshot: Snapshot) -> tuple[Mapping[str, Quantity], ...]:
    return tuple({tuple(sorted(node.status.allocatable.items())): node.status.allocatable for node in snapshot.seen(Node)}.values())


def _is_autoscaled(snapshot: Snapshot) -> bool:
    if any(key.startswith("karpenter.sh/") for node in snapshot.seen(Node) for key in node.labels):
        return True
    return any(config.name == "cluster-autoscaler-status" for config in snapshot.seen(ConfigMap, "kube-system"))
