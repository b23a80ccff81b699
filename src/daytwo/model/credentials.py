"""What a credential looks like: the names, the forms and the places by which text gives one away. Asked by model/masking.py alone."""

import re
from base64 import b64decode
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from daytwo.model.masked import MASK

# -- names ------------------------------------------------------------------------------------------------------------

# Names of which a value is expected to be secret, also in a sentence.
_CERTAIN: Final = (
    r"pass(?:w(?:or)?d|wort|phrase|code|key)|kennwort|contrasen|senha"
    r"|pwd|(?:api|app|access|account|private|secret|encryption|signing|licen[cs]e|master|session|shared[-_.]?access|storage|deploy|host)[-_.]?key"
    r"|(?:client|app|consumer|shared|webhook)[-_.]?secret|[a-z0-9][-_.](?:secret|token|pass|pw)(?![a-z])|(?:access|auth|refresh|bearer|id|bot|api)token"
    r"|connection[-_.]?string|conn[-_.]?str(?![a-z])|(?<![a-z])dsn(?![a-z])|key[-_.]data|(?<![a-z])salt(?![a-z])|webhook[-_.]?url"
)
# Names that are just as often a word of a sentence.
_POSSIBLE: Final = (
    r"secret|token|credential|(?<!com)(?<!by)pass(?![a-z])|(?<![a-z])pw(?![a-z])|auth(?![a-z])|authorization|bearer|cookie|jwt"
    r"|hmac|(?<![a-z])pat(?![a-z])|signature"
)
# A name that ends so says little by itself; its value must look random.
_VAGUE: Final = r"(?:key|sig|webhook)\Z"

_CERTAIN_NAME = re.compile(_CERTAIN, re.IGNORECASE)
_SECRET_NAME = re.compile(f"{_CERTAIN}|{_POSSIBLE}", re.IGNORECASE)
_SURELY_A_PASSWORD = re.compile(r"passw|passphrase|pwd|[a-z][-_.]?key", re.IGNORECASE)
_VAGUE_NAME = re.compile(_VAGUE, re.IGNORECASE)
# Such names that point at a place, or tell about the secret, rather than hold it.
_PLACE_NAME = re.compile(
    r"(?:files?|path|dir|directory|name|ref|mount|ttl|expir\w*|timeout|duration|seconds|length|size|count|enabled|disabled|required|type|kind|mode"
    r"|namespace|issuer|audience|endpoint|host|port|algorithm|provider|method|realm|scopes?|version|header|(?<!webhook[-_.])(?<!webhook)ur[li])\Z",
    re.IGNORECASE,
)
# Values that are no secret under any name: switches, and references that are resolved elsewhere.
_HARMLESS_VALUE = re.compile(
    r"(?:true|false|yes|no|on|off|none|nil|<nil>|null|undefined|enabled|disabled|required|optional|\*+|\$\([\w.-]+\)|\$\{[\w.:-]+\}|(?-i:\$[A-Z_][A-Z0-9_]*)|%s|\{\}|\[\])\Z",
    re.IGNORECASE,
)


@lru_cache(maxsize=4_096)
def is_secret_name(name: str) -> bool:
    """Whether a variable of this name is expected to hold a secret value."""
    return bool(_SECRET_NAME.search(name)) and not _PLACE_NAME.search(name)


@lru_cache(maxsize=4_096)
def _is_vague_name(name: str) -> bool:
    return bool(_VAGUE_NAME.search(name))


# -- text -------------------------------------------------------------------------------------------------------------

_QUOTED: Final = r"""\\+"(?:(?!\\+").)*(?:\\+")?|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?"""
_BARE: Final = r"""(?:[^\s,;&"'\\]|\\(?!["']))+(?:[,;&](?![\w.\-]+["']?[=:])(?:[^\s,;&"'\\]|\\(?!["']))+)*"""
_VALUE: Final = rf"(?P<value>{_QUOTED}|{_BARE})"

_ASSIGNED = re.compile(
    rf"(?<![\w.\-])(?P<name>-{{0,2}}[\w.\-]*(?:{_CERTAIN}|{_POSSIBLE}|key)[\w.\-]*)(?P<closing>\\*[\"']?)"
    rf"(?P<separator>\s*(?::=|=>|=|:(?!//))\s*|%3[dD]){_VALUE}",
    re.IGNORECASE,
)
_FLAG = re.compile(rf"(?<![\w\-])(?P<name>--?[\w.\-]*(?:{_CERTAIN}|{_POSSIBLE})[\w.\-]*)\s+(?!-){_VALUE}", re.IGNORECASE)
_NAME_VALUE = re.compile(
    rf"(?<!\w)name(?:\\*[\"'])?\s*[:=]\s*(?:\\*[\"'])?(?P<name>[\w.\-]+)(?:\\*[\"'])?[\s,]+(?:\\*[\"'])?value(?:\\*[\"'])?\s*[:=]\s*{_VALUE}",
    re.IGNORECASE,
)
_ELEMENT = re.compile(rf"<(?P<name>[\w.\-]*(?:{_CERTAIN}|{_POSSIBLE})[\w.\-]*)>(?P<value>[^<]+)(?=</)", re.IGNORECASE)
# What well-known programs take as a password under a short flag, apart or attached.
_PROGRAM_FLAGS: Final = {
    "-p": "mysql mysqladmin mysqldump mysqlcheck mariadb mariadb-admin mariadb-dump mongo mongosh mongodump sshpass cqlsh",
    "-a": "redis-cli valkey-cli keydb-cli",
    "-u": "curl",
    "-w": "ldapsearch ldapwhoami ldapadd ldapmodify",
    "-P": "sqlcmd",
    "-U": "smbclient",
}
_FLAG_OF_PROGRAM: Final = {program: flag for flag, programs in _PROGRAM_FLAGS.items() for program in programs.split()}
_PROGRAM = re.compile(
    r"(?<![\w\-])(?:"
    + "|".join(rf"(?:{programs.replace(' ', '|')})(?![\w\-])[^|;&\n]{{0,300}}?\s{flag}" for flag, programs in _PROGRAM_FLAGS.items())
    + rf")\s*(?!-|\$){_VALUE}"
)

# Each of these is a credential by its own form, whatever stands around it; group 1, where there is one, is what is masked.
_FORMS: Final = (
    # PEM private keys, whole or cut short, also with escaped line ends.
    re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)", re.DOTALL),
    # The user part of a URL. The password may hold an @; if it holds a / it must not look like a port.
    re.compile(r"(?<=://)([^\s/?#\"'‹›]*:[^\s/?#\"']+)(?=@)"),
    re.compile(r"(?<=://)([^\s/@:?#\"'‹›]*:(?!\d{1,5}[/?#])[^\s\"']+)(?=@)"),
    re.compile(r"(?<=://)((?=[^\s/@]*\d)[^\s/@:?#\"'‹›]{6,}|[^\s/@:?#\"'‹›]{16,})(?=@)"),
    # user:password@host without a scheme, as in images and in Go's database names; not name:tag@sha256:…
    re.compile(r"(?<![\w/.@:%+\-])((?!mailto:)[\w.+\-]+:(?!\d{1,5}/)[^\s/@:\"'‹›()]+)(?=@(?!sha(?:256|512):)[\w\-]+[.:/(])"),
    # Webhook addresses are secret by their path.
    re.compile(r"(?<=hooks\.slack\.com/)((?:services|workflows|triggers)/[\w/]+)"),
    re.compile(r"(?:(?<=discord\.com/api/webhooks/)|(?<=discordapp\.com/api/webhooks/))([\w/\-]+)"),
    re.compile(r"(?<=\.webhook\.office\.com/)([\w/@\-]+)"),
    # Authorization and cookie headers.
    re.compile(r"(?i:\b(?:bearer|basic)) +(?=\S*\d|\S{11,}=|[^\s\"']{4,}[a-z][A-Z][^\s\"']{8,})([\w.~+/=\-]{8,})"),
    re.compile(
        r"(?i)(?<=authorization)[\\\"']*\s*[:=]\s*[\\\"']*"
        r"(?:bearer|basic|digest|negotiate|token|\w*key|[\w\-]*hmac[\w\-]*) +([^\n\"'‹\\]+)"
    ),
    re.compile(r"(?i:\b(?:set-)?cookie[\"']?\s*[:=]\s*[\"']?)([\w.\-]+=[^\s\"'‹][^\n\"']*)"),
    # Hashed passwords.
    re.compile(r"\$(?:2[abxy]|argon2\w*|[156]|pbkdf2[\w\-]*|scrypt)\$[^\s\"']{8,}"),
    # Signatures and keys in the query of a URL.
    re.compile(r"(?i)[?&](?:sig|signature|x-amz-signature|x-amz-credential|x-goog-signature|code|key)=([^\s&\"'‹]+)"),
)
# Tokens that their makers mark by a prefix, and JSON web tokens.
_MARKED = re.compile(
    r"\b(?:eyJ[\w\-]{8,}\.[\w\-]{4,}(?:\.[\w\-]*)*"
    r"|A(?:KIA|SIA)[0-9A-Z]{16}\b|AIza[\w\-]{30,}|ATATT3[\w\-=]{20,}|AGE-SECRET-KEY-1\w{20,}"
    r"|gh[pousr]_\w{20,}|github_pat_\w{20,}|gl(?:pat|ptt|rt|dt|soat|cbt)-[\w\-]{16,}|gl(?:sa|c)_[\w+/=]{20,}|GOCSPX-[\w\-]{16,}|ya29\.[\w\-]{20,}"
    r"|xox[abeoprs]-[\w\-]{8,}|xapp-[\w\-]{16,}|[sr]k_(?:live|test)_\w{10,}|sk-(?=[\w\-]*\d)(?=[\w\-]*[A-Z])[\w\-]{20,}|SG\.[\w\-]{16,}\.[\w\-]{16,}"
    r"|npm_\w{30,}|pypi-[\w\-]{20,}|do[por]_v1_\w{32,}|hv[sbr]\.[\w\-]{20,}|dapi[0-9a-f]{32}|shp(?:at|ca|pa|ss)_\w{16,}|dckr_pat_[\w\-]{16,}"
    r"|NRAK-\w{16,}|lin_api_\w{20,}|\d{8,10}:AA[\w\-]{32,})"
)
_BASE64 = re.compile(r"(?<![\w+/\-])[A-Za-z0-9+/]{16,}={0,2}(?![\w+/=\-])")
_PRIVATE_KEY: Final = "PRIVATE KEY-----"
_REFERENCE = re.compile(r"(?:\$\([A-Za-z_][\w.-]*\)|\$\{[A-Za-z_]\w*\}|\$[A-Z_][A-Z0-9_]*|\{\{[^{}]*\}\})\Z")
_IMAGE_USER = re.compile(r"\A(?:\w+://)?(.+)(?=@(?!sha(?:256|512):))", re.DOTALL)
_LONG_RUN = re.compile(r"[\w+/=\-]{16}")

_WORD = re.compile(r"(?:[A-Za-z]{1,16}|\d{3})[.,;:!?)]*\Z")
_COUNTED = re.compile(r"(?:secret|token|credential|key|cookie)s\Z", re.IGNORECASE)
_PORT = re.compile(r"\d{1,5}(?!\w)")
_OBJECT_NAME = re.compile(r"[a-z0-9]+(?:[-./][a-z0-9]+)+\Z")
_RUN = re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}")


def is_random_under(name: str, value: str) -> bool:
    """Whether a name that says little has a value that nobody thought up."""
    return _is_vague_name(name) and _looks_random(value)


def is_harmless(value: str) -> bool:
    """Whether a value is no secret under any name."""
    return bool(_HARMLESS_VALUE.match(value))


def flag_of(program: str) -> str:
    """The short flag under which a program takes a password."""
    return _FLAG_OF_PROGRAM.get(program.rpartition("/")[2], "")


def without_user(image: str) -> str:
    return _IMAGE_USER.sub(_form_masked, image)


def mask_bare_forms(text: str) -> str:
    """What is a credential by its own form, long and without a name beside it."""
    if _LONG_RUN.search(text) is None:
        return text
    return _BASE64.sub(_base64_masked, _MARKED.sub(MASK, text))


def mask_every_form(text: str) -> str:
    """Everything that is a credential by a name, a place or its own form; once, so ask again until nothing changes."""
    for form in _FORMS:
        text = form.sub(_form_masked, text)
    for pattern, is_credential in _NAMED:
        text = _named_masked(pattern, is_credential, text)
    return mask_bare_forms(text)


def is_marked(text: str) -> bool:
    """Whether a credential stands in the text that is one by its own mark: a private key, or a token with its maker's prefix."""
    return _MARKED.search(text) is not None or _PRIVATE_KEY in text


def _form_masked(match: re.Match[str]) -> str:
    if not match.re.groups:
        return MASK
    start, end = match.span(1)
    if _REFERENCE.match(match[1].partition(":")[2]):
        # postgres://app:$(PASSWORD)@db tells where the password stands, not what it is.
        return match.group()
    return match.string[match.start() : start] + MASK + match.string[end : match.end()]


def _named_masked(pattern: re.Pattern[str], is_credential: Callable[[re.Match[str]], bool], text: str) -> str:
    """Masks the values that are credentials; the value of another name is looked at again, since it may be a name itself."""
    parts: list[str] = []
    done = position = 0
    while (match := pattern.search(text, position)) is not None:
        start, end = match.span("value")
        quote = _quote(match["value"])
        value = _unquoted(match["value"])
        position = max(start, position + 1)
        is_told = value and value != MASK and not is_harmless(value) and not is_harmless(value.rstrip(".,;:!)]"))
        if is_told and is_credential(match):
            closing = quote if len(match["value"]) > len(quote) and match["value"].endswith(quote) else ""
            parts += (text[done:start], quote, MASK, closing)
            done = position = end
    return "".join((*parts, text[done:])) if parts else text


def _quote(value: str) -> str:
    bare = value.lstrip("\\")
    return value[: len(value) - len(bare) + 1] if bare[:1] in ('"', "'") else ""


def _unquoted(value: str) -> str:
    quote = _quote(value)
    return value[len(quote) :].removesuffix(quote) if quote else value


def _is_assigned_credential(match: re.Match[str]) -> bool:
    """Whether `name=value`, `name: value` or `"name": "value"` gives away a secret rather than being a sentence about one."""
    name, separator = match["name"], match["separator"]
    quote, value = _quote(match["value"]), _unquoted(match["value"])
    if not is_secret_name(name):
        return _is_vague_name(name) and _looks_random(value)
    if value.isdigit() and _COUNTED.search(name):
        return False
    if separator == "=" or separator.lower() == "%3d":
        return True
    if value.endswith(":") or _is_address(match, value):
        return False
    if match["closing"]:
        # `volume "name" : why` without quotes is how the kubelet says what failed.
        return bool(quote) or (separator.startswith(":") and _looks_like_credential(value))
    if _CERTAIN_NAME.search(name):
        return bool(quote) or not _WORD.match(value) or not match.string[match.end() :].startswith(" ")
    return _looks_like_credential(value) or (bool(quote) and _is_whole_line(match))


def _is_named_credential(match: re.Match[str]) -> bool:
    return is_secret_name(match["name"])


def _is_any_credential(match: re.Match[str]) -> bool:
    return True


def _is_address(match: re.Match[str], value: str) -> bool:
    """`host:port`, `image:tag` and `image@digest`, whose names may be those of a login service."""
    if "@sha256:" in value or "@sha512:" in value:
        return True
    if match["separator"] != ":" or match["closing"]:
        return False
    before = match.string[max(match.start() - 1, 0) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    if before == "/" or (before and before in "\"'" and before == after and not _SURELY_A_PASSWORD.search(match["name"])):
        return True
    return bool(_PORT.match(value)) and ("." in match["name"] or not _CERTAIN_NAME.search(match["name"]))


_NAMED: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...]] = (
    (_ASSIGNED, _is_assigned_credential),
    (_FLAG, _is_named_credential),
    (_NAME_VALUE, _is_named_credential),
    (_ELEMENT, _is_named_credential),
    (_PROGRAM, _is_any_credential),
)


def _is_whole_line(match: re.Match[str]) -> bool:
    """A line of configuration, not a part of a sentence."""
    before = match.string[: match.start()].rpartition("\n")[2]
    after = match.string[match.end() :].partition("\n")[0]
    return not before.strip() and not after.strip()


def _looks_like_credential(value: str) -> bool:
    if _OBJECT_NAME.match(value):
        return _looks_random(value)
    has_digit = any(character.isdigit() for character in value)
    has_letter = any(character.isalpha() for character in value)
    return (len(value) >= 6 and has_digit and has_letter) or _looks_random(value)


def _looks_random(value: str) -> bool:
    """Text that nobody thought up: a long run of letters and digits, or all three sorts of characters mixed."""
    if "://" in value or value.startswith(("/", "./")):
        return False
    if _RUN.search(value):
        return True
    if len(value) < 12 or " " in value:
        return False
    return any(c.islower() for c in value) and any(c.isupper() for c in value) and any(c.isdigit() for c in value)


def _base64_masked(match: re.Match[str]) -> str:
    """Base64 is masked when it stands for text: a name or a hash that happens to be valid base64 gives bytes that are none."""
    encoded = match.group().rstrip("=")
    if len(encoded) % 4 == 1:
        return match.group()
    try:
        text = b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except ValueError:
        return match.group()
    return MASK if all(character.isprintable() or character in "\r\n\t" for character in text) else match.group()
