"""The check `pod-security/user-namespace-unused`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.pods import has_user_namespace, is_windows, policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.INFO,
    by_hand="whether its nodes' kernels and filesystems can do that, no manifest tells",
)
def user_namespace_unused(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod without a user namespace of its own.

    Why: with one, root in the container is nobody on the node, which takes the worst out of most escapes.
    Fix: set `hostUsers: false` where its volumes and nodes can do that.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
    Not: before 1.33, Windows, and pods that share a namespace of their node.
    """
    spec = subject.pod_spec
    minor = policy_minor(snapshot)
    # On by default since 1.33; the API server refuses it together with the node's own namespaces.
    if minor < 33 or has_user_namespace(spec) or is_windows(spec) or spec.host_network or spec.host_pid or spec.host_ipc:
        return
    yield Hit("its users are its node's: root in it is root there", path=f"{subject.pod_path}.hostUsers", fix="set hostUsers to false")
