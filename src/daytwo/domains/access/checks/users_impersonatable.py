"""The check `access/users-impersonatable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, PolicyRule
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(ClusterRole, heading=Heading.SECURITY, severity=Severity.CRITICAL, applies=is_own, by_hand=BY_HAND)
def users_impersonatable(role: ClusterRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that acts as any user, group or service account.

    Why: who impersonates the group system:masters passes every check of the API server.
    Fix: name whom it may act as, in resourceNames.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
    Not: users and groups named in resourceNames, unless system:masters is among them; a Role, since users have no namespace; a role
    that nobody holds (access/role-unbound), the roles that Kubernetes makes itself, and `*` for every resource
    (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        whom = [resource for resource in ("users", "groups", "serviceaccounts") if given(rule, ("impersonate",), "", resource)]
        if not whom or (rule.resource_names and "system:masters" not in rule.resource_names):
            return ""
        return f"act as {'system:masters' if rule.resource_names else 'any of the ' + ', '.join(whom)}"

    return told(role, snapshot, what, everywhere=Severity.CRITICAL, within=None)
