"""The check `configuration/secret-in-file`."""

import re
from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.config import Secret
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# Keys that only say where and as whom, and the public halves.
_HARMLESS = re.compile(
    r"(?:^|[-_.])(?:user(?:name)?|host(?:name)?|port|db(?:name)?|database|region|bucket|endpoint|crt|ca|pub|namespace)\Z", re.IGNORECASE
)


def _stands_in_a_file(secret: Secret) -> bool:
    return secret.is_declared and secret.origin is not None and not secret.origin.template


@check(
    Secret,
    heading=Heading.SECURITY,
    severity=Severity.HIGH,
    applies=_stands_in_a_file,
    by_hand="the value has to be put somewhere else first, and changed: whoever read the file knows it",
)
def secret_in_file(secret: Secret, snapshot: Snapshot) -> Iterator[Hit]:
    """A Secret with its values, in a file that people keep with the others.

    Why: base64 hides nothing: whoever has the repository, or a copy from any time, has the value.
    Fix: keep it elsewhere (External Secrets, Sealed Secrets, SOPS, CSI), and change it.
    Source: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
    Not: files that SOPS encrypted, keys that are empty or hold a placeholder, keys that are no secret (user, host, ca.crt), and
    Secrets that
    are rendered from a template, whose values come from somewhere else.
    """
    keys = [key for key in sorted(secret.sizes_bytes) if key not in secret.blank_keys and not _HARMLESS.search(key)]
    if keys and not secret.is_encrypted:
        shown = ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
        yield Hit(
            f"its file holds the value of {shown}",
            path=join("data", keys[0]),
            fix="keep the value out of the repository, and change it",
        )
