"""The check `access/nodes-proxied`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, PolicyRule
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(ClusterRole, heading=Heading.SECURITY, severity=Severity.HIGH, applies=is_own, by_hand=BY_HAND)
def nodes_proxied(role: ClusterRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that speaks to kubelets directly through nodes/proxy.

    Why: the kubelet's own API runs commands in every pod of the node, past audit log and admission; `get` is enough for it.
    Fix: use nodes/metrics, nodes/stats, nodes/log or nodes/healthz, which the kubelet tells apart.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: nodes/metrics and nodes/stats, a Role, since nodes have no namespace, a role that nobody holds (access/role-unbound), the
    roles that Kubernetes makes itself, and `*` for every resource (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        return "speak to every kubelet (nodes/proxy)" if given(rule, ("get", "create"), "", "nodes/proxy") else ""

    return told(role, snapshot, what, everywhere=Severity.HIGH, within=None)
