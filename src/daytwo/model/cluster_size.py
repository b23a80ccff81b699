"""Whether a cluster has the nodes it has, or gets more when pods need them."""

from daytwo.model.config import ConfigMap
from daytwo.model.node import Node
from daytwo.model.snapshot import Snapshot


def is_autoscaled(snapshot: Snapshot) -> bool:
    """Whether an autoscaler would bring a node: Karpenter labels those it made, the Cluster Autoscaler keeps a status."""
    if any(key.startswith("karpenter.sh/") for node in snapshot.seen(Node) for key in node.labels):
        return True
    return any(config.name == "cluster-autoscaler-status" for config in snapshot.seen(ConfigMap, "kube-system"))
