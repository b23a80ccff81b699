"""The check `delivery/helm-release-failed`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import Command
from daytwo.model.config import Secret
from daytwo.model.finding import Hit
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot

_TYPE: Final = "helm.sh/release.v1"
# Far longer than --timeout, whose default is five minutes.
_PENDING: Final = timedelta(hours=1)


def _is_release(secret: Secret) -> bool:
    return secret.type == _TYPE


@check(Secret, heading=Heading.DELIVERY, severity=Severity.MEDIUM, applies=_is_release, basis=Basis.STATE)
def helm_release_failed(secret: Secret, snapshot: Snapshot) -> Iterator[Hit]:
    """A Helm release whose last revision failed, or has been pending for an hour.

    Why: part of it may be applied and part not. While it is pending, Helm refuses every upgrade ("another operation is in progress").
    Fix: `helm history`, then `helm rollback` to the last revision that was deployed, or upgrade again.
    Source: https://helm.sh/docs/helm/helm_history/
    Not: failed revisions that a later one has put right.
    """
    release, status = secret.labels.get("name", secret.name), secret.labels.get("status", "")
    if snapshot.once(_latest).get((secret.namespace, release)) != secret.name:
        return
    flags = ("-n", secret.namespace)
    if status == "failed":
        message = f"release {release} failed in its revision {secret.labels.get('version', '?')}"
    elif status.startswith("pending-"):
        since = _changed(secret)
        if since is None or snapshot.taken_at - since < _PENDING:
            return
        message = f"release {release} is {status} since {since:%Y-%m-%d %H:%M} UTC: no upgrade passes until it is put right"
    else:
        return
    yield Hit(
        message,
        path="metadata.labels.status",
        item=release,
        fix=f"helm rollback {release}, or upgrade it again",
        confirm=Command(("helm", *flags, "history", release)),
    )


def _latest(snapshot: Snapshot) -> Mapping[tuple[str, str], str]:
    """(namespace, release) → the Secret of its last revision."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for secret in snapshot.seen(Secret):
        if secret.type == _TYPE:
            version = secret.labels.get("version", "")
            key = (secret.namespace, secret.labels.get("name", secret.name))
            found[key] = max(found.get(key, (-1, "")), (int(version) if version.isdecimal() else 0, secret.name))
    return {key: name for key, (_, name) in found.items()}


def _changed(secret: Secret) -> datetime | None:
    """When Helm wrote it last, which it notes in seconds since 1970."""
    text = secret.labels.get("modifiedAt") or secret.labels.get("createdAt") or ""
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) <= 11 else secret.created
