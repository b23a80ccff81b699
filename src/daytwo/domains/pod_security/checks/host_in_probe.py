"""The check `pod-security/host-in-probe`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import baseline
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    by_hand="a program that listens on another address than its pod's has to be told first",
)
def host_in_probe(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A probe or lifecycle hook that names a host for the kubelet to connect to.

    Why: the kubelet connects from the node's network, so whoever may create pods can make it reach what only nodes reach, and learn
    whether it answers; and a probe of another host says nothing of this container.
    Fix: remove `host`: the kubelet then asks the pod itself.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
    Not: before 1.34 the standard did not ask for this.
    """
    yield from baseline.host_in_probe(subject, policy_minor(snapshot))
