"""The check `pod-security/apparmor-unconfined`."""

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
    severity=Severity.MEDIUM,
    by_hand="somebody switched it off: a program that is refused something wants a profile of its own",
)
def apparmor_unconfined(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container or pod whose AppArmor profile is switched off, by field or by annotation.

    Why: the runtime's default profile keeps containers from mounting, from writing to /proc and from tracing the node.
    Fix: set `appArmorProfile.type` to RuntimeDefault, or leave it out.
    Source: https://kubernetes.io/docs/tutorials/security/apparmor/
    Not: where nothing is set: runtimes then apply their default.
    """
    yield from baseline.apparmor_unconfined(subject, policy_minor(snapshot))
