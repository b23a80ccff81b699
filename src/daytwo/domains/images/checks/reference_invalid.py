"""The check `images/reference-invalid`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.images.named import containers
from daytwo.model.finding import Hit
from daytwo.model.image import parse_image
from daytwo.model.masked import MASK
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.HIGH, by_hand="what was meant is for who wrote it to say")
def reference_invalid(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An image whose name no container runtime takes.

    Why: the API server accepts almost any text, and the container then never starts (InvalidImageName).
    Fix: write registry/repository:tag@digest: the repository in lower case, one tag, a digest of full length, no scheme in front.
    Source: https://kubernetes.io/docs/concepts/containers/images/#image-names
    """
    for placed in containers(subject):
        image = placed.container.image
        if parse_image(image) is None and MASK not in image:
            meant = image.strip().rpartition("://")[2]
            yield Hit(
                f'{placed.role} {placed.container.name} has the image "{image}", which is no name of an image{_reason(image)}',
                path=f"{placed.path}.image",
                item=placed.container.name,
                fix=f"write {meant}" if parse_image(meant) is not None else "write it as registry/repository:tag",
            )


def _reason(image: str) -> str:
    name = image.partition("@")[0]
    if "://" in image:
        return f": it begins with {image.partition('://')[0]}://"
    if image != image.strip() or " " in image:
        return ": it has a space in it"
    if any(mark in image for mark in ("{{", "${", "$(")):
        return ": it holds a placeholder that nothing has filled in"
    if name != name.lower() and parse_image(name.lower()) is not None:
        return ": a repository is written in lower case"
    if "@" in image and parse_image(name) is not None:
        return ": what follows the @ is no digest"
    return ""
