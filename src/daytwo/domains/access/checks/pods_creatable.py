"""The check `access/pods-creatable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import AnyRole, given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, PolicyRule, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# What a pod can be made by.
_MADE = (
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("apps", "deployments"),
    ("apps", "statefulsets"),
    ("apps", "daemonsets"),
    ("apps", "replicasets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
)


@check(Role, ClusterRole, heading=Heading.SECURITY, severity=Severity.MEDIUM, applies=is_own, by_hand=BY_HAND)
def pods_creatable(role: AnyRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that creates pods, or what makes pods, in every namespace.

    Why: a pod runs as any service account of its namespace and mounts any of its Secrets: creating pods is having all their rights.
    Fix: bind it in the namespaces where it deploys, with a RoleBinding; enforce a Pod Security Standard there.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: a role that nobody holds (access/role-unbound), the roles that Kubernetes makes itself, and `*` for every resource
    (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        made = [resource for group, resource in _MADE if given(rule, ("create",), group, resource)]
        return f"create {', '.join(made)}, and so act as any service account" if made else ""

    return told(role, snapshot, what, everywhere=Severity.MEDIUM, within=Severity.INFO)
