"""The check `pod-security/may-run-as-root`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import restricted
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    by_hand="the image has to run as another user than root, which no manifest tells",
)
def may_run_as_root(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that nothing keeps from running as root.

    Why: root in a container is root on the node for whatever gets out of it, unless the pod has a user namespace.
    Fix: set `runAsNonRoot: true` for the pod, and `runAsUser` where the image names its user by name.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    Not: a container whose pod sets it; pods with a user namespace (`hostUsers: false`), since 1.35. One that runs as a user above 0
    counts for little here.
    """
    yield from restricted.may_run_as_root(subject, policy_minor(snapshot))
