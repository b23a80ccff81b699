"""The check `images/registry-not-allowed`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.images.named import images
from daytwo.model.finding import Hit
from daytwo.model.image import Image
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


class Registries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where images may come from: registries (`registry.example.com`), or parts of one (`ghcr.io/our-company`).

    While the list is empty every registry will do. Docker Hub is `docker.io`, its official images `docker.io/library`.
    """

    allowed: tuple[str, ...] = ()


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.HIGH,
    options=Registries,
    by_hand="the image has to be copied into an allowed registry first, or the registry allowed",
)
def registry_not_allowed(subject: Runnable, snapshot: Snapshot, registries: Registries) -> Iterator[Hit]:
    """An image from a registry that the profile does not list.

    Why: code from elsewhere has not gone through the scans and signatures of the registries that are allowed.
    Fix: copy the image into an allowed registry and name it there, or add its registry to the list.
    Source: https://kubernetes.io/docs/concepts/security/supply-chain-security/
    Not: anything, while the profile lists no registry. Whole names are compared: `ghcr.io/our` does not allow `ghcr.io/ourselves`,
    and `registry.example.com` is not `registry.example.com.evil.org`.
    """
    if not registries.allowed:
        return
    for placed, image in images(subject):
        if not any(_is_within(image, allowed) for allowed in registries.allowed):
            yield Hit(
                f"{placed.role} {placed.container.name} runs an image of {image.registry}, which is not among the allowed registries",
                path=f"{placed.path}.image",
                item=placed.container.name,
                fix=f"take {image.repository} from an allowed registry",
            )


def _is_within(image: Image, allowed: str) -> bool:
    prefix = allowed.strip("/")
    return image.name == prefix or image.name.startswith(f"{prefix}/")
