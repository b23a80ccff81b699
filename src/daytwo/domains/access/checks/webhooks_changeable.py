"""The check `access/webhooks-changeable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, PolicyRule
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_GROUP = "admissionregistration.k8s.io"


@check(ClusterRole, heading=Heading.SECURITY, severity=Severity.HIGH, applies=is_own, by_hand=BY_HAND)
def webhooks_changeable(role: ClusterRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that creates or changes admission webhooks.

    Why: a webhook reads and rewrites every object that anybody sends, Secrets included, or stops the cluster.
    Fix: name the configurations in resourceNames; let a person create them.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: configurations named in resourceNames, a Role, since webhooks have no namespace, a role that nobody holds
    (access/role-unbound), the roles that Kubernetes makes itself, and `*` for every resource (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        if rule.resource_names:
            return ""
        found = [
            kind
            for kind in ("mutating", "validating")
            if given(rule, ("create", "update", "patch"), _GROUP, f"{kind}webhookconfigurations")
        ]
        return f"change {' and '.join(found)} webhooks" if found else ""

    return told(role, snapshot, what, everywhere=Severity.HIGH, within=None)
