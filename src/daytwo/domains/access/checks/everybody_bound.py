"""The check `access/everybody-bound`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.accounts import is_dangerous, reads_or_writes
from daytwo.domains.access.grants import EVERYBODY, is_own, role_ref, rules_given
from daytwo.domains.access.holders import subjects
from daytwo.model.finding import Hit
from daytwo.model.rbac import Binding, ClusterRoleBinding, RoleBinding
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    RoleBinding,
    ClusterRoleBinding,
    heading=Heading.SECURITY,
    severity=Severity.HIGH,
    applies=is_own,
    by_hand="what everybody may know only its owner knows",
)
def everybody_bound(binding: Binding, snapshot: Snapshot) -> Iterator[Hit]:
    """Rights for everybody who is logged in (system:authenticated), or for every service account (system:serviceaccounts).

    Why: every pod with a token has them, whatever it runs, and everybody whom the identity provider lets in.
    Fix: name the groups and accounts that need it.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: the accounts of one namespace (system:serviceaccounts:NAMESPACE), and what Kubernetes binds itself. What only reads, and no
    Secrets, is told as low.
    """
    held = tuple(one for one in binding.bound() if one.kind == "Group" and one.name in EVERYBODY)
    if not held:
        return
    rules = rules_given(binding, snapshot)
    if reads_or_writes(rules):
        yield Hit(
            f"gives {subjects(held)} what {role_ref(binding).kind} {role_ref(binding).name} allows",
            path="subjects",
            fix="name the groups and accounts that need it",
            severity=Severity.HIGH if is_dangerous(rules) else Severity.LOW,
        )
