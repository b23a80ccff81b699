"""The check `pod-security/net-raw-kept`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.pods import called, is_windows
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.LOW)
def net_raw_kept(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that keeps the right to send raw packets.

    Why: with NET_RAW it can forge packets, and on many networks read and redirect those of other pods; programs need it for little but
    ping.
    Fix: drop ALL, or NET_RAW at least.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    Not: Windows; and whether it is added again: see `capability-added`.
    """
    if is_windows(subject.pod_spec):
        return
    for container, path, role in subject.all_containers():
        dropped = container.security_context.capabilities.drop
        # As runtimes read them.
        if {"ALL", "NET_RAW"}.isdisjoint(name.upper() for name in dropped):
            field = f"{path}.securityContext.capabilities.drop"
            yield Hit(
                f"{called(role, container)} can send raw packets: it drops neither ALL nor NET_RAW",
                path=field,
                item=container.name,
                fix="drop ALL, or NET_RAW at least",
                repair=setting(field, [*dropped, "NET_RAW"]),
            )
