"""The check `configuration/secret-old`."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from daytwo.catalog import check
from daytwo.model.config import Secret
from daytwo.model.finding import Hit, Since
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot

_OTHER_TYPES = frozenset(
    {
        "kubernetes.io/tls",
        "kubernetes.io/service-account-token",
        "helm.sh/release.v1",
        "bootstrap.kubernetes.io/token",
        "kubernetes.io/dockercfg",
    }
)


class Rotation(msgspec.Struct, frozen=True):
    """`most_days`: how old the values of a Secret may be."""

    most_days: int = 365


def _is_rotated(secret: Secret) -> bool:
    return secret.type not in _OTHER_TYPES and secret.namespace not in ("kube-system", "kube-public")


@check(Secret, heading=Heading.SECURITY, severity=Severity.LOW, basis=Basis.STATE, options=Rotation, applies=_is_rotated)
def secret_old(secret: Secret, snapshot: Snapshot, options: Rotation) -> Iterator[Hit]:
    """A Secret whose values nobody has changed for longer than they are to live.

    Why: whoever has read it since then still has it, those who left the team as well.
    Fix: change the value where it is used, then here; let an operator do it on a schedule.
    Source: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
    Not: certificates, whose dates are checked by themselves, tokens of accounts, what Helm stores, and namespaces of the system.
    """
    written = secret.last_write("data")
    at = written.time if written is not None and written.time is not None else secret.created
    if at is None or not secret.sizes_bytes:
        return
    age = snapshot.taken_at - at
    if age > timedelta(days=options.most_days):
        yield Hit(
            f"its values are {age.days} days old; {options.most_days} are allowed",
            path="data",
            fix="change the value where it is used, then here",
            since=Since(at),
        )
