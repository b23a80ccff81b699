"""The check `access/default-account-used`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.accounts import DEFAULT, account_name, holds_token
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.INFO,
    by_hand="an account of its own has to be made first, with the rights it needs",
)
def default_account_used(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods that run as their namespace's default account, with its token.

    Why: a right given to it is given to all pods of the namespace that name none, and the audit log cannot tell them apart.
    Fix: name an account of its own, or mount no token: automountServiceAccountToken: false.
    Source: https://kubernetes.io/docs/concepts/security/service-accounts/
    Not: pods without its token.
    """
    if account_name(runnable) == DEFAULT and holds_token(runnable, snapshot):
        yield Hit(
            "runs as the default account of its namespace, with its token",
            path=f"{runnable.pod_path}.serviceAccountName",
            fix="name an account of its own, or set automountServiceAccountToken: false",
        )
