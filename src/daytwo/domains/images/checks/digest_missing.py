"""The check `images/digest-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.images.named import images
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    by_hand="only the registry can say which digest the tag has now",
)
def digest_missing(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An image that is named by its tag alone.

    Why: whoever may push to the registry can put other code under the same tag; a digest is the code itself, and cannot be moved.
    Fix: add the digest behind the tag, `name:tag@sha256:…`, and let a bot keep both up to date.
    Source: https://kubernetes.io/docs/concepts/containers/images/#image-names
    Not: images without any version, or `latest`, which have checks of their own.
    """
    for placed, image in images(subject):
        if not image.is_pinned and not image.is_latest:
            yield Hit(
                f"{placed.role} {placed.container.name} runs {placed.container.image}, a tag that can be moved",
                path=f"{placed.path}.image",
                item=placed.container.name,
                fix=f"append the digest of {image.name}:{image.tag}",
            )
