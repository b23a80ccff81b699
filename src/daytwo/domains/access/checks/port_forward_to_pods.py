"""The check `access/port-forward-to-pods`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import AnyRole, given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, PolicyRule, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Role, ClusterRole, heading=Heading.SECURITY, severity=Severity.MEDIUM, applies=is_own, by_hand=BY_HAND)
def port_forward_to_pods(role: AnyRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that opens connections to any port of any pod, past Services and network policies.

    Why: ports that listen for localhost or for neighbours only (databases, debuggers, metrics) are open to whoever holds it.
    Fix: take the right away, or give it for an hour.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: pods named in resourceNames, a role that nobody holds (access/role-unbound), the roles that Kubernetes makes itself, and `*`
    for every resource (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        is_given = not rule.resource_names and (
            given(rule, ("create", "get"), "", "pods/portforward") or given(rule, ("create", "get"), "", "pods/proxy")
        )
        return "reach any port of any pod" if is_given else ""

    return told(role, snapshot, what, everywhere=Severity.MEDIUM, within=Severity.LOW)
