"""The check `pod-security/host-namespace`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import baseline
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.HIGH, by_hand="what an agent of the node needs of it is a decision")
def host_namespace(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod that shares its node's network, processes or shared memory.

    Why: on the node's network no NetworkPolicy holds it, and it reaches what listens on the node's loopback; with the node's processes it
    can read their environments and, as root, enter them.
    Fix: remove hostNetwork, hostPID or hostIPC; agents of the node that need one are exempted by name.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
    """
    yield from baseline.host_namespace(subject, policy_minor(snapshot))
