"""The check `access/binding-without-subjects`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import is_own
from daytwo.model.finding import Hit
from daytwo.model.rbac import Binding, ClusterRoleBinding, RoleBinding
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    RoleBinding,
    ClusterRoleBinding,
    heading=Heading.SECURITY,
    severity=Severity.INFO,
    applies=is_own,
    by_hand="whether somebody is missing only its author knows",
)
def binding_without_subjects(binding: Binding, snapshot: Snapshot) -> Iterator[Hit]:
    """A binding that is for nobody.

    Why: it gives nothing to anybody; most often the account it was made for is gone, and nobody dares to delete the rest.
    Fix: delete it, and the role if nothing else binds that.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding
    """
    if not any(binding.bound()):
        yield Hit(
            f"gives {binding.role_ref.kind} {binding.role_ref.name} to nobody", path="subjects", fix="delete it, or name who it is for"
        )
