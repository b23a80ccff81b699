"""The check `access/default-account-bound`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.accounts import DEFAULT
from daytwo.domains.access.grants import CLUSTER_ADMIN, is_own
from daytwo.model.finding import Hit
from daytwo.model.rbac import Binding, ClusterRoleBinding, RoleBinding
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    RoleBinding,
    ClusterRoleBinding,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    applies=is_own,
    by_hand="which pods need the right only their owners know",
)
def default_account_bound(binding: Binding, snapshot: Snapshot) -> Iterator[Hit]:
    """Rights for a namespace's default account.

    Why: every pod of the namespace that names no account gets them, whatever it runs, the next one as well.
    Fix: make an account for the pods that need the right, name it in them, and bind that.
    Source: https://kubernetes.io/docs/concepts/security/service-accounts/
    Not: cluster-admin, which has its own check (access/cluster-admin-bound).
    """
    for subject in dict.fromkeys(binding.bound()):
        if subject.kind == "ServiceAccount" and subject.name == DEFAULT and binding.role_ref.name != CLUSTER_ADMIN:
            yield Hit(
                f"gives every pod of namespace {subject.namespace} that names no account {binding.role_ref.kind} {binding.role_ref.name}",
                path="subjects",
                item=subject.namespace,
                fix="bind an account of its own",
            )
