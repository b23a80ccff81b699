"""The check `pod-security/proc-mount-unmasked-in-user-namespace`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import restricted
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.LOW, by_hand="a program that asks for it needs another way")
def proc_mount_unmasked_in_user_namespace(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container with a user namespace that sees all of /proc.

    Why: what the namespace does not cover of the kernel is open to it; the baseline standard allows that since 1.35, the restricted one
    not.
    Fix: remove procMount, unless containers are to be built in it.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    """
    yield from restricted.proc_mount_unmasked_in_user_namespace(subject, policy_minor(snapshot))
