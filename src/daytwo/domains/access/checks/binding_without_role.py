"""The check `access/binding-without-role`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import is_known_everywhere, is_own, role_of, role_ref
from daytwo.domains.access.holders import subjects
from daytwo.model.finding import Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.rbac import Binding, ClusterRole, ClusterRoleBinding, RoleBinding
from daytwo.model.ref import Cell
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    RoleBinding,
    ClusterRoleBinding,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    applies=is_own,
    by_hand="whether the role or the binding is wrong only its author knows",
)
def binding_without_role(binding: Binding, snapshot: Snapshot) -> Iterator[Hit]:
    """A binding to a role that does not exist.

    Why: it gives nothing now, so that what needs it fails; and whoever makes a role of that name gives its rights to these subjects.
    Fix: create the role, correct the name, or delete the binding: roleRef cannot be changed.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding
    Not: in files, a ClusterRole that may well stand elsewhere: that is unknown, unless every cluster has it.
    """
    ref = role_ref(binding)
    if snapshot.is_of_files and ref.kind == ClusterRole.KIND and snapshot.find(ref) is None:
        if is_known_everywhere(ref):
            return
        raise Unseen(Gap("files", f"ClusterRole {ref.name}", "not among these files", Cell(ClusterRole.KIND)))
    if role_of(binding, snapshot) is None:
        yield Hit(
            f"gives {subjects(tuple(binding.bound()))} {ref.kind} {ref.name}, which does not exist",
            path="roleRef.name",
            fix=f"create {ref.kind} {ref.name}, or delete the binding",
            because=(ref,),
        )
