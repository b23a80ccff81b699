"""The check `access/accounts-impersonatable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import PolicyRule, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Role, heading=Heading.SECURITY, severity=Severity.HIGH, applies=is_own, by_hand=BY_HAND)
def accounts_impersonatable(role: Role, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that acts as any service account of its namespace.

    Why: it has the rights of whichever account of the namespace has most.
    Fix: name the accounts in resourceNames.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
    Not: accounts named in resourceNames; a ClusterRole (access/users-impersonatable tells all of it); a role that nobody holds
    (access/role-unbound), the roles that Kubernetes makes itself, and `*` for every resource (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        is_given = not rule.resource_names and given(rule, ("impersonate",), "", "serviceaccounts")
        return "act as any service account" if is_given else ""

    return told(role, snapshot, what, everywhere=Severity.HIGH, within=Severity.HIGH)
