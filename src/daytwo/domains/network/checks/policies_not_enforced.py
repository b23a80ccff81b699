"""The check `network/policies-not-enforced`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.enforcement import plugins_found
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.network import NetworkPolicy
from daytwo.model.ref import Cell
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet


@check(NetworkPolicy, heading=Heading.SECURITY, severity=Severity.HIGH, basis=Basis.STATE)
def policies_not_enforced(policy: NetworkPolicy, snapshot: Snapshot) -> Iterator[Hit]:
    """A NetworkPolicy in a cluster whose network plugin does not enforce any.

    Why: the API server takes every policy, and without a plugin that enforces them nothing happens: all pods stay open, and nobody
    is told.
    Fix: install a network plugin that enforces policies, or turn enforcing on in the one there is (Amazon VPC CNI:
    --enable-network-policy=true).
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites
    Not: clusters where another known plugin enforces them beside. Where none of those known runs as a DaemonSet the answer is unknown:
    some distributions build it in.
    """
    found = snapshot.once(plugins_found)
    if any(one.enforces for one in found):
        return
    snapshot.require(DaemonSet.KIND)
    if not found:
        reason = "no network plugin known to daytwo runs as a DaemonSet"
        raise Unseen(Gap("kubernetes", "which network plugin runs here", reason, Cell(DaemonSet.KIND)))
    one = found[0]
    how = f": {one.plugin.flag} is not set" if one.plugin.flag else ""
    yield Hit(
        f"nothing enforces it: {one.plugin.name} runs here and enforces no policies{how}",
        fix=f"set {one.plugin.flag}=true" if one.plugin.flag else "install a network plugin that enforces policies",
        evidence=(Evidence(f"DaemonSet {one.daemon_set.namespace}/{one.daemon_set.name} runs {one.plugin.name}"),),
        because=(one.daemon_set.ref,),
        confirm=kubectl("get", "ds", one.daemon_set.name, "-o", "wide", namespace=one.daemon_set.namespace),
    )
