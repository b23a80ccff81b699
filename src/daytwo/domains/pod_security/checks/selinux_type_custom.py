"""The check `pod-security/selinux-type-custom`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import baseline
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable, heading=Heading.SECURITY, severity=Severity.MEDIUM, by_hand="somebody chose it: what it opens has to be opened another way"
)
def selinux_type_custom(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container or pod with an SELinux type, user or role of its own.

    Why: other types than those for containers, spc_t above all, switch off what keeps a container away from its node's files.
    Fix: leave type, user and role out; a level may be set.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
    Not: container_engine_t, since 1.31.
    """
    yield from baseline.selinux_type_custom(subject, policy_minor(snapshot))
