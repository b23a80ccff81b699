"""The check `pod-security/seccomp-unconfined`."""

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
    by_hand="somebody switched it off: a program that needs a refused call wants a profile of its own",
)
def seccomp_unconfined(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container or pod whose seccomp filter is switched off.

    Why: most escapes from containers go through system calls that the runtime's default filter refuses.
    Fix: set `seccompProfile.type` to RuntimeDefault, or to Localhost with a profile of its own.
    Source: https://kubernetes.io/docs/tutorials/security/seccomp/
    Not: where no profile is set: see `seccomp-missing`.
    """
    yield from baseline.seccomp_unconfined(subject, policy_minor(snapshot))
