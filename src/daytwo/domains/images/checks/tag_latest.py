"""The check `images/tag-latest`."""

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
    severity=Severity.MEDIUM,
    by_hand="which version it should be is for who releases it to say",
)
def tag_latest(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An image with the tag `latest` and no digest.

    Why: the tag is moved with every release: two pods of one workload may run different code, and nothing says which runs.
    Fix: name the release, better still its digest.
    Source: https://kubernetes.io/docs/concepts/containers/images/
    Not: `latest` beside a digest, which says exactly what runs; tags that merely have the word in them, `latest-2026-03`.
    """
    for placed, image in images(subject):
        if image.tag == "latest" and not image.digest:
            yield Hit(
                f"{placed.role} {placed.container.name} runs {placed.container.image}, whatever that means when it is pulled",
                path=f"{placed.path}.image",
                item=placed.container.name,
                fix="write the tag of a release, or its digest",
            )
