"""References to container images, taken apart exactly as the kubelet does.

Source: https://pkg.go.dev/github.com/distribution/reference (the grammar) and its normalisation for Docker Hub.
"""

import re
from functools import lru_cache
from typing import Final

import msgspec

DOCKER_HUB: Final = "docker.io"
_OFFICIAL: Final = "library/"

_HOST_PART: Final = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST: Final = rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PATH_PART: Final = r"[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*"
_TAG: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST: Final = r"sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}"
_REFERENCE: Final = re.compile(
    rf"(?P<registry>{_HOST})/(?P<repository>{_PATH_PART}(?:/{_PATH_PART})*)(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?"
)
_BARE_DIGEST: Final = re.compile(r"[a-f0-9]{64}")
_LONGEST_NAME: Final = 255


class Image(msgspec.Struct, frozen=True, gc=False):
    """An image by its full name. `registry` is docker.io where the reference names none; `tag` and `digest` are empty where it has none."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """`docker.io/library/nginx`: without tag and digest."""
        return f"{self.registry}/{self.repository}"

    @property
    def is_pinned(self) -> bool:
        """A digest means these bytes and no others, whatever the tag beside it says."""
        return bool(self.digest)

    @property
    def is_latest(self) -> bool:
        """What is pulled is whatever `latest` means at that moment, said or unsaid."""
        return not self.digest and self.tag in ("", "latest")

    def __str__(self) -> str:
        return f"{self.name}{f':{self.tag}' if self.tag else ''}{f'@{self.digest}' if self.digest else ''}"


@lru_cache(maxsize=65_536)
def parse_image(text: str) -> Image | None:
    """The image that a reference names; None for what no kubelet takes for a reference."""
    if not text or _BARE_DIGEST.fullmatch(text):
        return None
    match = _REFERENCE.fullmatch(_with_registry(text))
    if match is None:
        return None
    image = Image(match["registry"], match["repository"], match["tag"] or "", match["digest"] or "")
    return image if len(image.name) <= _LONGEST_NAME else None


def _with_registry(text: str) -> str:
    """What stands before the first slash is a registry if it could be a host: it has a dot, a port or capitals, or is localhost."""
    first, slash, rest = text.partition("/")
    if not slash or not (first == "localhost" or "." in first or ":" in first or first != first.lower()):
        first, rest = DOCKER_HUB, text
    if first == "index.docker.io":
        first = DOCKER_HUB
    if first == DOCKER_HUB and "/" not in rest:
        rest = _OFFICIAL + rest
    return f"{first}/{rest}"
