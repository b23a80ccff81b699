"""The check `access/tokens-creatable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import AnyRole, given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, PolicyRule, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Role, ClusterRole, heading=Heading.SECURITY, severity=Severity.HIGH, applies=is_own, by_hand=BY_HAND)
def tokens_creatable(role: AnyRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that makes tokens for any service account.

    Why: a token of an account is all of its rights, for as long as the token lasts.
    Fix: name the accounts in resourceNames.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: accounts named in resourceNames, a role that nobody holds (access/role-unbound), the roles that Kubernetes makes itself, and
    `*` for every resource (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        is_given = not rule.resource_names and given(rule, ("create",), "", "serviceaccounts/token")
        return "make tokens of any service account" if is_given else ""

    return told(role, snapshot, what, everywhere=Severity.HIGH, within=Severity.MEDIUM)
