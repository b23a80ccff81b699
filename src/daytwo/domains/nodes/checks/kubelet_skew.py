"""The check `nodes/kubelet-skew`."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.node import Node
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

# Vendors append theirs: v1.35.2-eks-1234, v1.36.0+k3s1.
_VERSION: Final = re.compile(r"v?1\.(\d+)")


@check(
    Node,
    heading=Heading.OPERATIONS,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    applies=lambda node: not node.is_leaving,
    basis=Basis.STATE,
)
def kubelet_skew(node: Node, snapshot: Snapshot) -> Iterator[Hit]:
    """A kubelet that is newer than the API server, more than three minor versions older, or about to be so at the next upgrade.

    Why: outside the supported skew pods may fail in ways that nobody tests; an upgrade of the control plane would put it there.
    Fix: upgrade the node before the control plane, or the control plane before the node if the node is newer.
    Source: https://kubernetes.io/releases/version-skew-policy/
    """
    server = snapshot.cluster.minor
    if server is None:
        raise Unseen(Gap("kubernetes", "the API server's version", "was not told"))
    version = node.status.node_info.kubelet_version
    match = _VERSION.match(version)
    if match is None:
        return
    allowed = 3 if server >= 28 else 2
    behind = server - int(match.group(1))
    if 0 <= behind < allowed:
        return
    alike = snapshot.once(_nodes_by_version)[version]
    nodes = f" on {alike} nodes" if alike > 1 else ""
    told = f"kubelet {version}{nodes} with an API server of {snapshot.cluster.version}"
    if behind < 0:
        words = f"{told}: newer than the API server, which is not supported"
    elif behind > allowed:
        words = f"{told}: {behind} minor versions behind, {allowed} are supported"
    else:
        words = f"{told}: the next upgrade of the control plane would leave it behind"
    yield Hit(
        words,
        path="status.nodeInfo.kubeletVersion",
        evidence=(Evidence(f"node {node.name}: kubelet {version}"),),
        # All nodes of one version are one thing to do.
        because=(Ref("Kubelet", "", version),),
        confirm=kubectl("get", "nodes", "-o", "custom-columns=NODE:.metadata.name,KUBELET:.status.nodeInfo.kubeletVersion"),
        severity=Severity.LOW if behind == allowed else None,
    )


def _nodes_by_version(snapshot: Snapshot) -> Counter[str]:
    return Counter(node.status.node_info.kubelet_version for node in snapshot.seen(Node) if not node.is_leaving)
