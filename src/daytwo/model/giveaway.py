"""Whether masked text held a credential for sure: masking hides what merely may be one, and that is no reproach to anybody."""

import re
from typing import Final

from daytwo.model.masked import MASK

# Names whose value is a secret and nothing else. `tokens`, `auth`, `cookie` and their like are as often a number, a mode or a name.
_SURE: Final = re.compile(
    r"(?:passw(?:or)?d|passphrase|passwort|pwd|(?:^|[_.\-])(?:db)?pass"
    r"|(?:api|access|secret|private|encryption|signing|master|session|account|storage|licen[cs]e)[_.\-]?key"
    r"|(?:^|[_.\-]|[a-z])(?:secret|token)|apikey|credentials?|connection[_.\-]?string)\Z",
    re.IGNORECASE,
)
# Of these the value is the name of a Secret, or says that one is wanted.
_NAME_OF_ONE: Final = re.compile(
    r"(?:tls|pull|cert|certificate|ca|registry|existing|use|has|image|create|from)[_.\-]?secret\Z|(?:max|min|num|next|eos|bos|pad|stop)[_.\-]?token\Z",
    re.IGNORECASE,
)
_ENCODED: Final = re.compile(r"(?:b64|base64)\Z", re.IGNORECASE)
_BEFORE: Final = re.compile(r"([\w.\-]+)\\*[\"']?(?:\s*(?:=>|:=|=|:)\s*|\s+)\\*[\"']?\Z")
_SCHEME: Final = re.compile(r"(?:bearer|basic)\Z", re.IGNORECASE)


def is_sure_name(name: str) -> bool:
    """Whether whatever goes by this name is a credential; digits at its end do not count."""
    name = name.rstrip("0123456789_-")
    return bool(_SURE.search(name)) and not _NAME_OF_ONE.search(name)


def gave_away(name: str, masked: str, *, is_bare_sure: bool = True) -> bool:
    """Whether the value of `name`, which is masked, held a credential for sure: by its name, or by a form that nothing else has.

    What is masked without any name beside it counts only where `is_bare_sure`: base64 is masked too, whatever it stands for.
    """
    if MASK not in masked:
        return False
    if masked == MASK:
        return is_sure_name(name) or (is_bare_sure and not _is_possible(name) and not _ENCODED.search(name))
    at = masked.find(MASK)
    while at >= 0:
        if _is_sure(masked[:at], is_bare_sure=is_bare_sure):
            return True
        at = masked.find(MASK, at + len(MASK))
    return False


def _is_sure(before: str, *, is_bare_sure: bool) -> bool:
    if before.endswith("://"):
        return True
    beside = _BEFORE.search(before[-200:])
    if beside is None:
        return is_bare_sure
    name = beside[1]
    if is_sure_name(name) or _SCHEME.search(name):
        return True
    # A name that cannot be a secret's was not why it was masked: the value is one by its own form.
    return is_bare_sure and not _is_possible(name)


def _is_possible(name: str) -> bool:
    from daytwo.model.credentials import is_secret_name

    return is_secret_name(name)
