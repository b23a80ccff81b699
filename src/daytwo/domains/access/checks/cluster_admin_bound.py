"""The check `access/cluster-admin-bound`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import ANONYMOUS, CLUSTER_ADMIN, EVERYBODY, is_of_the_system, is_own, role_ref
from daytwo.domains.access.holders import subjects
from daytwo.model.finding import Hit
from daytwo.model.rbac import Binding, ClusterRole, ClusterRoleBinding, RoleBinding
from daytwo.model.ref import Ref
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    RoleBinding,
    ClusterRoleBinding,
    heading=Heading.SECURITY,
    severity=Severity.HIGH,
    applies=is_own,
    by_hand="who has to own the cluster only its owners know",
)
def cluster_admin_bound(binding: Binding, snapshot: Snapshot) -> Iterator[Hit]:
    """cluster-admin given to a service account, or to people outside the cluster's own group of administrators.

    Why: whoever takes the pod over, or its token, owns the cluster; the role ends every other limit.
    Fix: give the account a role of its own with what it needs; `daytwo who-can` tells who else has it.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: bindings that Kubernetes and kubeadm make. People and groups are told as low: somebody has to administer the cluster.
    Given in one namespace it is told as medium.
    """
    if role_ref(binding) != Ref(ClusterRole.KIND, "", CLUSTER_ADMIN):
        return
    held = tuple(one for one in binding.bound() if not is_of_the_system(one) and one.name not in ANONYMOUS | EVERYBODY)
    if not held:
        return
    is_program = any(one.kind == "ServiceAccount" or one.name.startswith("system:serviceaccount") for one in held)
    if isinstance(binding, ClusterRoleBinding):
        severity, where = Severity.HIGH if is_program else Severity.LOW, "over the whole cluster"
    else:
        severity, where = Severity.MEDIUM if is_program else Severity.LOW, f"over namespace {binding.namespace}"
    yield Hit(
        f"gives {subjects(held)} every right {where}",
        path="roleRef.name",
        fix="bind a role that lists what is needed",
        severity=severity,
    )
