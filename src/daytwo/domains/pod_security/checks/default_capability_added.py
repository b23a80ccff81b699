"""The check `pod-security/default-capability-added`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import restricted
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.LOW, by_hand="the image has to do without it first")
def default_capability_added(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that adds a capability which the restricted standard does not allow, of those that the baseline standard does.

    Why: after dropping ALL, what is added back is what an intruder gets: SETUID and DAC_OVERRIDE undo much of it.
    Fix: build the image so that it starts as its own user; NET_BIND_SERVICE alone may stay.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    Not: NET_BIND_SERVICE.
    """
    yield from restricted.default_capability_added(subject, policy_minor(snapshot))
