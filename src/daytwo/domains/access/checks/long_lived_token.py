"""The check `access/long-lived-token`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.config import Secret
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Secret, heading=Heading.SECURITY, severity=Severity.MEDIUM, by_hand="who logs in with it has to be found first")
def long_lived_token(secret: Secret, snapshot: Snapshot) -> Iterator[Hit]:
    """A Secret with a token of a service account, which never expires.

    Why: whoever has read it once is logged in until the Secret is deleted; tokens of pods are bound to them and last an hour.
    Fix: let programs outside ask for short tokens (`kubectl create token`), or log in by another way; then delete the Secret.
    Source: https://kubernetes.io/docs/concepts/security/service-accounts/#get-a-token
    Not: tokens in projected volumes, and the tokens by which nodes join.
    """
    if secret.type == "kubernetes.io/service-account-token":
        account = secret.annotations.get("kubernetes.io/service-account.name", "")
        yield Hit(
            f"holds a token of service account {account or '(none named)'} that never expires",
            path="type",
            fix="use `kubectl create token`, or a projected volume, and delete it",
        )
