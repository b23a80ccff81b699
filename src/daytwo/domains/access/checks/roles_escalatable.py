"""The check `access/roles-escalatable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import AnyRole, given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import GROUP, ClusterRole, PolicyRule, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_POWERFUL = frozenset({"cluster-admin", "admin", "edit"})


@check(Role, ClusterRole, heading=Heading.SECURITY, severity=Severity.CRITICAL, applies=is_own, by_hand=BY_HAND)
def roles_escalatable(role: AnyRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role with `escalate` or `bind` on roles: it gives itself whatever it wants.

    Why: these two verbs switch off the rule that nobody can give more than they have.
    Fix: remove the verb; to hand out certain roles, allow `bind` with their resourceNames.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: `bind` on roles named in resourceNames, unless cluster-admin, admin or edit is among them, a role that nobody holds
    (access/role-unbound), the roles that Kubernetes makes itself, and `*` for every resource (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        for resource in ("roles", "clusterroles"):
            if given(rule, ("escalate",), GROUP, resource):
                return f"put any rule into {resource} (escalate)"
            if given(rule, ("bind",), GROUP, resource) and (not rule.resource_names or _POWERFUL & set(rule.resource_names)):
                return f"bind {', '.join(rule.resource_names) or 'any of the ' + resource}"
        return ""

    return told(role, snapshot, what, everywhere=Severity.CRITICAL, within=Severity.HIGH)
