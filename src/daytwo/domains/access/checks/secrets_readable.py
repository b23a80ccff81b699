"""The check `access/secrets-readable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import AnyRole, given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, PolicyRule, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Role, ClusterRole, heading=Heading.SECURITY, severity=Severity.HIGH, applies=is_own, by_hand=BY_HAND)
def secrets_readable(role: AnyRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that reads every Secret of a namespace, or of the cluster.

    Why: Secrets hold the tokens of other accounts and the passwords of everything: reading all of them is as good as being all of
    them. `list` and `watch` show the values as well.
    Fix: name the Secrets in resourceNames, or mount them into the pod that needs them.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: Secrets named in resourceNames, a role that nobody holds (access/role-unbound), the roles that Kubernetes makes itself, and
    `*` for every resource (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        verbs = given(rule, ("get", "list", "watch"), "", "secrets") if not rule.resource_names else ()
        return f"{', '.join(verbs)} every Secret" if verbs else ""

    return told(role, snapshot, what, everywhere=Severity.HIGH, within=Severity.LOW)
