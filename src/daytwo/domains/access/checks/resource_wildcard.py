"""The check `access/resource-wildcard`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import AnyRole, is_of_custom_groups, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ALL, GROUP, ClusterRole, PolicyRule, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_MOST = 3


@check(Role, ClusterRole, heading=Heading.SECURITY, severity=Severity.HIGH, applies=is_own, by_hand=BY_HAND)
def resource_wildcard(role: AnyRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A rule that names every resource with `*`.

    Why: it covers Secrets, tokens, exec and roles, and every kind that a later version or an operator adds.
    Fix: list the resources by name.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: every verb of every group as well (access/everything-allowed), groups of custom kinds, and a role that nobody holds
    (access/role-unbound).
    """

    def what(rule: PolicyRule) -> str:
        if ALL not in rule.resources or rule.resource_names or is_of_custom_groups(rule) or (ALL in rule.verbs and ALL in rule.api_groups):
            return ""
        verbs = "do everything with" if ALL in rule.verbs else ", ".join(rule.verbs)
        if ALL in rule.api_groups:
            return f"{verbs} every resource of every group"
        groups = [group or "the core group" for group in rule.api_groups]
        more = f" and {len(groups) - _MOST} more groups" if len(groups) > _MOST else ""
        return f"{verbs} every resource of {', '.join(groups[:_MOST])}{more}"

    is_broad = any(what(rule) and _gives_more(rule) for rule in role.rules)
    everywhere, within = (Severity.HIGH, Severity.MEDIUM) if is_broad else (Severity.LOW, Severity.INFO)
    return told(role, snapshot, what, everywhere=everywhere, within=within)


def _gives_more(rule: PolicyRule) -> bool:
    """Whether one gets at more by it: at Secrets and pods in the core group, at any right by writing roles. Others give themselves."""
    if "" in rule.api_groups or ALL in rule.api_groups:
        return True
    return GROUP in rule.api_groups and not {"get", "list", "watch"}.issuperset(rule.verbs)
