"""The check `access/token-mounted-needlessly`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.accounts import account_name, bindings_for, holds_token
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRoleBinding, RoleBinding
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    by_hand="a program may log in elsewhere with the token, or read its namespace beside it",
)
def token_mounted_needlessly(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A token of the API server in every container, for an account that nothing is given to.

    Why: whoever takes a container over is logged in to the API server, and has whatever everybody is given there.
    Fix: set automountServiceAccountToken: false in the pod spec, unless the program logs in somewhere else with the token.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
    Not: accounts that any binding is for, and tokens for another audience in a projected volume.
    """
    name = account_name(runnable)
    if not holds_token(runnable, snapshot) or bindings_for(runnable.namespace, name, snapshot):
        return
    snapshot.require(ClusterRoleBinding.KIND)
    snapshot.require(RoleBinding.KIND)
    yield Hit(
        f"mounts a token of service account {name}, to which no binding gives anything",
        path=f"{runnable.pod_path}.automountServiceAccountToken",
        fix="set automountServiceAccountToken: false",
    )
