"""What must not be shown: text that looks like a credential is masked as a value is made, so no value of the model holds one.

Masking is idempotent: masked text masks to itself.
"""

import re
from typing import Final

MASK: Final = "‹masked›"

# A name that says its value is secret. `key` alone is too common (a label key, a primary key), so it needs company.
_SECRET_NAME = re.compile(
    r"pass(?:w(?:or)?d|phrase|code)?(?![a-z])|pwd|secret|token|credential|api[-_.]?key|apikey|access[-_.]?key|private[-_.]?key|auth(?:orization|[-_]?header)"
    r"|encryption[-_.]?key|signing[-_.]?key|license[-_.]?key|connection[-_.]?string|conn[-_.]?str|\bdsn\b|_dsn|bearer|cookie|session[-_.]?key|salt$|_pat$|webhook[-_.]?url",
    re.IGNORECASE,
)
# Such names that point at a place rather than hold a value.
_PLACE_NAME = re.compile(
    r"(?:file|path|dir|name|ref|mount|url_path|ttl|expir\w*|timeout|length|enabled|type|namespace|issuer|endpoint)$", re.IGNORECASE
)

_TEXT_HINT = re.compile(
    r"pass|pwd|secret|token|credential|key|auth|bearer|basic |dsn|cookie|salt|connection|sharedaccess|sig=|code="
    r"|@|eyJ|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox|sk[-_]|AIza|npm_|pypi-|-----BEGIN|hooks\.slack",
    re.IGNORECASE,
)
_NAMED = (
    r"[\w.\-]*(?:pass(?:w(?:or)?d|phrase|code)?|pwd|secret|token|credentials?|api[-_.]?key|access[-_.]?key(?:[-_.]?id)?|private[-_.]?key|encryption[-_.]?key|signing[-_.]?key|dsn|cookie|salt"
    r"|accountkey|sharedaccesskey|connection[-_.]?string|auth)"
)
_PATTERNS: Final = (
    # PEM private keys, whole or cut short.
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    # The user part of a URL: scheme://user:password@host (a password may itself hold / or @).
    re.compile(r"(?<=://)[^\s/@:\"']*:[^\s\"'@]+(?=@)"),
    re.compile(r"(?<=://)[^\s/@:\"']{16,}(?=@)"),
    # JSON web tokens.
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?"),
    # Tokens that vendors mark by prefix.
    re.compile(
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abeoprs]-[\w-]{8,}|\bsk[-_](?:live|test|ant|proj)?[-_]?\w[\w-]{15,}"
        r"|\bAIza[\w-]{30,}|\bnpm_\w{30,}|\bpypi-[\w-]{20,}|(?<=hooks\.slack\.com/services/)[\w/]+"
    ),
    # Authorization headers.
    re.compile(r"(?i)(?<=\bbearer )[\w.~+/=-]{6,}|(?<=\bbasic )[\w+/=]{6,}"),
    # name=value, name: value, --name value, "name": "value", ?name=value.
    re.compile(rf"(?i)(?<![\w.\-])(-{{0,2}}{_NAMED}[\"']?\s*(?:=|:=|:(?!//))\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)"),
    re.compile(rf"(?i)(?<![\w.\-])(--?{_NAMED}\s+)(\"[^\"]*\"|'[^']*'|(?!-)[^\s,;&\"']+)"),
    re.compile(r"(?i)([?&](?:sig|signature|x-amz-signature|code)=)([^\s&\"']+)"),
)


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name is expected to hold a secret value."""
    return bool(_SECRET_NAME.search(name)) and not _PLACE_NAME.search(name)


def mask(text: str) -> str:
    """`text` with everything that looks like a credential replaced by `‹masked›`."""
    if not _TEXT_HINT.search(text):
        return text
    for pattern in _PATTERNS:
        text = pattern.sub(_replacement, text)
    return text


def mask_value(name: str, value: str) -> str:
    """The value of the variable `name`: masked whole if its name says secret, otherwise as free text."""
    if value and is_secret_name(name):
        return MASK
    return mask(value)


def mask_arguments(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """A command line: like free text, and the argument after a flag that names a secret is masked too."""
    masked: list[str] = []
    is_secret_next = False
    for argument in arguments:
        if is_secret_next and not argument.startswith("-"):
            masked.append(MASK)
            is_secret_next = False
            continue
        is_secret_next = argument.startswith("-") and "=" not in argument and is_secret_name(argument)
        masked.append(mask(argument))
    return tuple(masked)


def _replacement(match: re.Match[str]) -> str:
    if match.re.groups == 2:
        value = match.group(2)
        return match.group(1) + (value if value.strip("\"'") in (MASK, "") else MASK)
    return MASK
