"""The check `pod-security/capabilities-not-dropped`."""

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
    by_hand="a program that starts as root may need CHOWN, SETUID or others as it starts: try it first",
)
def capabilities_not_dropped(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that does not drop all capabilities.

    Why: the runtime's default set lets root in a container own, enter and signal what is not its own, and send raw packets; hardly any
    program needs them.
    Fix: set `capabilities.drop: [ALL]`, and add back NET_BIND_SERVICE where it listens on a port below 1024.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    Not: pods that say they are for Windows, since 1.25.
    """
    yield from restricted.capabilities_not_dropped(subject, policy_minor(snapshot))
