"""The check `pod-security/privilege-escalation-allowed`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import restricted
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.MEDIUM)
def privilege_escalation_allowed(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container whose process may gain more rights than it was started with.

    Why: with set-user-ID programs or file capabilities a program that was broken into becomes root in its container, and from there has
    more ways out.
    Fix: set `allowPrivilegeEscalation: false`.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    Not: pods that say they are for Windows, since 1.25.
    """
    yield from restricted.privilege_escalation_allowed(subject, policy_minor(snapshot))
