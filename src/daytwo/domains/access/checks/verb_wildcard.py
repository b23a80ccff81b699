"""The check `access/verb-wildcard`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import AnyRole, is_of_custom_groups, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ALL, ClusterRole, PolicyRule, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Role, ClusterRole, heading=Heading.SECURITY, severity=Severity.LOW, applies=is_own, by_hand=BY_HAND)
def verb_wildcard(role: AnyRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A rule that names every verb with `*` for resources that it lists.

    Why: it gives verbs that nobody thought of: deletecollection, and for some resources bind, escalate, impersonate or use.
    Fix: list the verbs: get, list, watch, create, update, patch, delete.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: custom kinds, where `*` says no more than the verbs that exist, and a role that nobody holds (access/role-unbound).
    """

    def what(rule: PolicyRule) -> str:
        if ALL not in rule.verbs or ALL in rule.resources or not rule.resources or is_of_custom_groups(rule):
            return ""
        return f"do everything with {', '.join(rule.resources)}"

    return told(role, snapshot, what, everywhere=Severity.LOW, within=Severity.LOW, field="verbs", fix="list the verbs that are used")
