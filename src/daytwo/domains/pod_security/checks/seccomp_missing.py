"""The check `pod-security/seccomp-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import restricted
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.LOW)
def seccomp_missing(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container without a seccomp profile, of a pod without one.

    Why: most escapes from containers go through system calls that the runtime's default filter refuses, and unless its nodes default to
    it, a container without a profile has no filter.
    Fix: set `seccompProfile.type: RuntimeDefault` for the pod.
    Source: https://kubernetes.io/docs/tutorials/security/seccomp/
    Not: containers whose pod sets one; pods that say they are for Windows, since 1.25.
    """
    yield from restricted.seccomp_missing(subject, policy_minor(snapshot))
