"""The check `pod-security/privileged-container`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import baseline
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.HIGH, by_hand="only a person knows what the program needs of the node")
def privileged_container(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A privileged container.

    Why: it has every capability and every device of its node, and no seccomp or AppArmor profile holds it: whoever breaks into it has the
    node, and with the node's credentials and secrets much of the cluster.
    Fix: add the one capability, device or mount that it is for.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
    """
    yield from baseline.privileged_container(subject, policy_minor(snapshot))
