"""The check `access/anonymous-bound`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.accounts import is_anonymous, is_dangerous, reads_or_writes
from daytwo.domains.access.grants import is_own, role_ref, rules_given
from daytwo.domains.access.holders import subjects
from daytwo.model.finding import Hit
from daytwo.model.rbac import Binding, ClusterRoleBinding, RoleBinding
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    RoleBinding,
    ClusterRoleBinding,
    heading=Heading.SECURITY,
    severity=Severity.CRITICAL,
    applies=is_own,
    by_hand="what is public on purpose only its owner knows",
)
def anonymous_bound(binding: Binding, snapshot: Snapshot) -> Iterator[Hit]:
    """Rights for whoever reaches the API server, without logging in: system:anonymous or system:unauthenticated.

    Why: an address and a port are all that it takes; scanners look for it all day.
    Fix: remove the subject; let the caller log in, with a token or a certificate.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests
    Not: health and version (/healthz, /livez, /readyz, /version), and what kubeadm binds so that nodes can join. What only reads, and
    no Secrets, is told as high.
    """
    held = tuple(one for one in binding.bound() if is_anonymous(one))
    if not held:
        return
    rules = rules_given(binding, snapshot)
    if reads_or_writes(rules):
        yield Hit(
            f"gives {subjects(held)}, who need not log in, what {role_ref(binding).kind} {role_ref(binding).name} allows",
            path="subjects",
            fix="remove the subject",
            severity=Severity.CRITICAL if is_dangerous(rules) else Severity.HIGH,
        )
