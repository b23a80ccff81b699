"""The check `nodes/kubelet-skew`."""

import re
from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.node import Node
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

# Vendors append theirs: v1.35.2-eks-1234, v1.36.0+k3s1.
_VERSION: Final = re.compile(r"v?1\.(\d+)")


@check(Node, heading=Heading.OPERATIONS, severity=Severity.MEDIUM, harm=Harm.ONE_EVENT_AWAY)
def kubelet_skew(node: Node, snapshot: Snapshot) -> Iterator[Hit]:
    """A kubelet that is newer than the API server, more than three minor versions older, or about to be so at the next upgrade.

    Why: outside the supported skew pods may fail in ways that nobody tests; an upgrade of the control plane would put it there.
    Fix: upgrade the node before the control plane, or the control plane before the node if the node is newer.
    Source: https://kubernetes.io/releases/version-skew-policy/
    """
    if node.is_leaving:
        return
    server = snapshot.cluster.minor
    if server is None:
        raise Unseen(Gap("kubernetes", "the API server's version", "was not told"))
    version = node.status.node_info.kubelet_version
    match = _VERSION.match(version)
    if match is None:
        return
    allowed = 3 if server >= 28 else 2
    behind = server - int(match.group(1))
    told = f"kubelet {version} with an API server of {snapshot.cluster.version}"
    confirm = kubectl("get", "node", node.name, "-o", "jsonpath={.status.nodeInfo.kubeletVersion}")
    path = "status.nodeInfo.kubeletVersion"
    if behind < 0:
        yield Hit(f"{told}: newer than the API server, which is not supported", path=path, evidence=(Evidence(told),), confirm=confirm)
    elif behind > allowed:
        words = f"{told}: {behind} minor versions behind, {allowed} are supported"
        yield Hit(words, path=path, evidence=(Evidence(told),), confirm=confirm)
    elif behind == allowed:
        words = f"{told}: the next upgrade of the control plane would leave it behind"
        yield Hit(words, path=path, evidence=(Evidence(told),), confirm=confirm, severity=Severity.LOW)
