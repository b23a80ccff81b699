"""The check `pod-security/host-port`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import baseline
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable, heading=Heading.SECURITY, severity=Severity.MEDIUM, by_hand="who connects to the node's port has to be told the new address"
)
def host_port(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that takes a port of its node.

    Why: only one such pod fits on a node, and the port is open to whoever reaches the node, past Services and many NetworkPolicies.
    Fix: remove hostPort and use a Service; for an agent on each node, internalTrafficPolicy Local.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
    """
    yield from baseline.host_port(subject, policy_minor(snapshot))
