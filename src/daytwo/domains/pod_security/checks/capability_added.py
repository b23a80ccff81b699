"""The check `pod-security/capability-added`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import baseline
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.MEDIUM, by_hand="only a person knows what the program does with it")
def capability_added(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that adds a capability beyond those that runtimes give by default.

    Why: most of them reach past the container: SYS_ADMIN, SYS_PTRACE or BPF take the node, NET_ADMIN and NET_RAW its network.
    Fix: remove it; programs often ask for more than they use.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
    Not: the capabilities that the baseline standard allows: they are told apart by their exact names, in capitals and without `CAP_`.
    """
    yield from baseline.capability_added(subject, policy_minor(snapshot))
