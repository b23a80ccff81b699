"""The check `pod-security/runs-as-root-user`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import restricted
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.MEDIUM, by_hand="which user the image can run as, no manifest tells")
def runs_as_root_user(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container or pod that is told to run as user 0.

    Why: root in a container is root on the node for whatever gets out of it, unless the pod has a user namespace.
    Fix: set runAsUser to a number above 0 and see that the files it needs are that user's.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    Not: pods with a user namespace (`hostUsers: false`), since 1.35.
    """
    yield from restricted.runs_as_root_user(subject, policy_minor(snapshot))
