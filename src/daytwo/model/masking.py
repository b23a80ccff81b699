"""What must not be shown: text that looks like a credential is masked as a value is made, so no value of the model holds one.

Masking is idempotent: masked text masks to itself. What the API server, the kubelet and registries say in plain words
(`secret "db" not found`, `failed to fetch oauth token: unexpected status`) is evidence and stays as it is.
"""

import re
from typing import Final

from daytwo.model.masked import MASK

_LONGEST_TEXT: Final = 8_192
_LONGEST_ANNOTATION: Final = 1_024


def mask(text: str) -> str:
    """`text` with everything that looks like a credential replaced by `‹masked›`."""
    if not text or text in _HARMLESS:
        return text
    masked = _masked(text)
    if masked == text:
        _remember_harmless(text)
    return masked


def mask_image(image: str) -> str:
    """An image without the credentials of its registry; tags and digests stay, whatever they look like."""
    if "@" not in image:
        return image
    from daytwo.model.credentials import without_user

    return without_user(image)


def mask_value(name: str, value: str) -> str:
    """The value of the variable `name`: masked whole if its name says secret, otherwise as free text."""
    if not value or value == MASK:
        return value
    from daytwo.model.credentials import is_harmless, is_random_under, is_secret_name

    if is_secret_name(name):
        return value if is_harmless(value) else MASK
    return MASK if is_random_under(name, value) else mask(value)


def mask_arguments(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """A command line: like free text, and the argument after a flag that takes a secret is masked too."""
    from daytwo.model.credentials import flag_of, is_harmless, is_secret_name

    flag = ""
    masked: list[str] = []
    is_secret_next = False
    for given in arguments:
        argument = mask(given)
        if is_secret_next and not (argument.startswith("-") or is_harmless(argument)):
            masked.append(MASK)
            is_secret_next = False
            continue
        if flag and argument.startswith(flag):
            attached = argument[len(flag) :]
            if attached and not attached.startswith(("$", "-")):
                argument = flag + MASK
            is_secret_next = not attached
        else:
            is_secret_next = argument.startswith("-") and "=" not in argument and is_secret_name(argument)
        flag = flag or flag_of(argument)
        masked.append(argument)
    return tuple(masked)


def mask_annotations(annotations: dict[str, str]) -> None:
    """Masks the values in place. A whole manifest is reduced to its apiVersion; what is too long to be of use is left out."""
    for key, value in annotations.items():
        name = key.rpartition("/")[2]
        if _is_manifest(name, value):
            found = _API_VERSION.search(value[:4_096])
            annotations[key] = f'{{"apiVersion":"{found.group(1) if found else ""}"}}'
        elif len(value) > _LONGEST_ANNOTATION:
            annotations[key] = f"‹{len(value)} characters›"
        elif not (key.startswith("checksum/") and _DIGEST.match(value)):
            # The checksum of a Secret in a pod template is how a rollout knows that it changed.
            annotations[key] = mask_value(name, value)


_DIGEST = re.compile(r"[0-9a-f]{32,128}\Z")
_API_VERSION = re.compile(r"""\\*["']?apiVersion\\*["']?\s*:\s*\\*["']?([\w./\-]{1,100})""")


def _is_manifest(name: str, value: str) -> bool:
    if name == "last-applied-configuration":
        return True
    return len(value) > 40 and "apiVersion" in value and "kind" in value


# Texts that were found to hold nothing: replicas say the same things. Never a text with a secret in it.
_HARMLESS: Final[set[str]] = set()
_MOST_HARMLESS: Final = 65_536


def _remember_harmless(text: str) -> None:
    if len(text) <= 512:
        if len(_HARMLESS) >= _MOST_HARMLESS:
            _HARMLESS.clear()
        _HARMLESS.add(text)


def _masked(text: str) -> str:
    # Compiling the patterns takes longer than daytwo has to show its help: it waits until there is something to mask.
    from daytwo.model.credentials import mask_bare_forms, mask_every_form

    mask_once = mask_every_form if _names_a_secret(text.lower()) else mask_bare_forms
    while (masked := mask_once(_cut(text))) != text:
        # What is masked may uncover more. It ends, because every round leaves less that is not masked.
        text = masked
    return text


def _cut(text: str) -> str:
    """Nobody reads more of one message than this, and it bounds the time that a hostile one takes."""
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1].rpartition(" ")[0] + "…"


def _names_a_secret(low: str) -> bool:
    """A quick look, since nearly no text does: a form with a name or a separator needs one of these.

    Written out because a loop or an alternation takes ten times as long, and each string of each pod comes by here.
    """
    return (
        "pass" in low
        or "secret" in low
        or "token" in low
        or "key" in low
        or "@" in low
        or "auth" in low
        or "cred" in low
        or "pw" in low
        or " -" in low
        or "dsn" in low
        or "nstr" in low
        or "n_str" in low
        or "n-str" in low
        or "cookie" in low
        or "bearer" in low
        or "basic" in low
        or "salt" in low
        or "sig" in low
        or "code=" in low
        or "pat=" in low
        or "pat:" in low
        or "pat " in low
        or "jwt" in low
        or "hmac" in low
        or "senha" in low
        or "contrasen" in low
        or "kennwort" in low
        or "hook" in low
        or "$" in low
    )
