"""The check `access/exec-into-pods`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import AnyRole, given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, PolicyRule, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Role, ClusterRole, heading=Heading.SECURITY, severity=Severity.HIGH, applies=is_own, by_hand=BY_HAND)
def exec_into_pods(role: AnyRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that runs commands in any pod: exec, attach or ephemeral containers.

    Why: whoever may enter a pod acts as its service account, reads its Secrets, and leaves no trace in its image.
    Fix: take the right away; give people a role for the hour that they need it.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: pods named in resourceNames, a role that nobody holds (access/role-unbound), the roles that Kubernetes makes itself, and `*`
    for every resource (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        entries = [name for name in ("exec", "attach") if given(rule, ("create", "get"), "", f"pods/{name}")]
        if given(rule, ("update", "patch"), "", "pods/ephemeralcontainers"):
            entries.append("add containers to")
        if not entries or rule.resource_names:
            return ""
        return f"enter pods ({', '.join(entries)})"

    return told(role, snapshot, what, everywhere=Severity.HIGH, within=Severity.MEDIUM)
