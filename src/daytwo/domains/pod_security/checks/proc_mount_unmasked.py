"""The check `pod-security/proc-mount-unmasked`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import baseline
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.HIGH, by_hand="a program that asks for it needs another way")
def proc_mount_unmasked(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that sees all of /proc.

    Why: the runtime hides the parts of /proc through which a container can change its node's kernel.
    Fix: remove procMount, or give the pod a user namespace with `hostUsers: false`.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
    Not: since 1.35 pods with a user namespace of their own.
    """
    yield from baseline.proc_mount_unmasked(subject, policy_minor(snapshot))
