"""The check `pod-security/low-user-id`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.pod_security.numbers import USER, low_numbers
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


class LowUserId(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """`minimum`: the lowest user number that is taken for a container's own."""

    minimum: int = 10_000


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    options=LowUserId,
    by_hand="which users the image can run as, no manifest tells",
)
def low_user_id(subject: Runnable, snapshot: Snapshot, options: LowUserId) -> Iterator[Hit]:
    """A container that is told to run as a user whose number people or programs of the node may have.

    Why: numbers below 10,000 are given to people, programs and services of the node: a process that gets out of its container, or writes
    to the node's files, is that user there.
    Fix: set runAsUser to a number of 10,000 or more, and see that the files it needs are that user's.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    Not: 0, of which others tell; what the image chooses, which no manifest tells; pods with a user namespace of their own.
    """
    yield from low_numbers(subject, USER, options.minimum)
