"""The check `access/masters-bound`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import is_own
from daytwo.model.access import MASTERS
from daytwo.model.finding import Hit
from daytwo.model.rbac import Binding, ClusterRoleBinding, RoleBinding
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    RoleBinding,
    ClusterRoleBinding,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    applies=is_own,
    by_hand="who is meant by it only its author knows",
)
def masters_bound(binding: Binding, snapshot: Snapshot) -> Iterator[Hit]:
    """A binding for the group system:masters, which needs none.

    Why: the API server lets that group do everything whatever RBAC says, so the binding is no fence, and whoever reads it takes it
    for one.
    Fix: bind a group of one's own, and put nobody into system:masters: its certificates cannot be taken back.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: the binding that Kubernetes makes itself.
    """
    if any(one.kind == "Group" and one.name == MASTERS for one in binding.bound()):
        yield Hit(
            f"binds {binding.role_ref.name} to group {MASTERS}, which may do everything without it",
            path="subjects",
            fix="bind another group",
        )
