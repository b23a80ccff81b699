"""The check `access/everything-allowed`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import AnyRole, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ALL, ClusterRole, PolicyRule, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Role, ClusterRole, heading=Heading.SECURITY, severity=Severity.CRITICAL, applies=is_own, by_hand=BY_HAND)
def everything_allowed(role: AnyRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role of one's own that allows every verb on every resource of every group.

    Why: whoever holds it, or steals the token of an account that does, owns the cluster, or all of the namespace.
    Fix: list what the holder needs: verbs, groups and resources; `daytwo who-can` tells who has what.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
    Not: a role that nobody holds (access/role-unbound), and the binding of cluster-admin itself (access/cluster-admin-bound).
    """

    def what(rule: PolicyRule) -> str:
        return "do everything" if ALL in rule.verbs and ALL in rule.api_groups and ALL in rule.resources and not rule.resource_names else ""

    return told(
        role, snapshot, what, everywhere=Severity.CRITICAL, within=Severity.MEDIUM, fix="list the verbs and resources that the holder needs"
    )
