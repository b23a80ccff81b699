"""The check `access/edit-bound-cluster-wide`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import is_of_the_system, is_own
from daytwo.domains.access.holders import subjects
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, ClusterRoleBinding
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    ClusterRoleBinding, heading=Heading.SECURITY, severity=Severity.MEDIUM, applies=is_own, by_hand="where its holders work only they know"
)
def edit_bound_cluster_wide(binding: ClusterRoleBinding, snapshot: Snapshot) -> Iterator[Hit]:
    """The built-in role admin or edit, given in every namespace at once.

    Why: both read every Secret, enter every pod and run as any service account: in kube-system that is the cluster.
    Fix: use RoleBindings in the namespaces where its holders work.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
    Not: view, which reads no Secrets, and RoleBindings.
    """
    name = binding.role_ref.name
    held = tuple(one for one in binding.bound() if not is_of_the_system(one))
    if binding.role_ref.kind == ClusterRole.KIND and name in ("admin", "edit") and held:
        yield Hit(
            f"gives {subjects(held)} the role {name} in every namespace, kube-system as well",
            path="roleRef.name",
            fix=f"bind {name} with a RoleBinding in each namespace that they work in",
        )
