"""The check `access/role-unbound`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.access.grants import AnyRole, aggregators, bindings_of, is_own, require_bindings
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, Role
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# The label by which a role joins admin, edit or view.
_INTO: Final = "rbac.authorization.k8s.io/aggregate-to-"


@check(
    Role,
    ClusterRole,
    heading=Heading.SECURITY,
    severity=Severity.INFO,
    applies=is_own,
    by_hand="whether somebody still means to bind it only its author knows",
)
def role_unbound(role: AnyRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that no binding gives to anybody.

    Why: it is either left over, or a right that waits to be given away unseen.
    Fix: delete it, or bind it.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: a role whose rules another takes in (aggregation), also one of the built-in roles.
    """
    if bindings_of(role, snapshot):
        return
    if isinstance(role, ClusterRole) and (role.name in snapshot.once(aggregators) or any(label.startswith(_INTO) for label in role.labels)):
        return
    require_bindings(role, snapshot)
    yield Hit("no binding gives it to anybody", path="metadata.name", fix="delete it, or bind it")
