"""The check `images/tag-missing`."""

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
def tag_missing(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An image with neither a tag nor a digest: what runs is whatever `latest` means when a node pulls it.

    Why: two pods of one workload may run different code, and undoing a rollout brings back the same name, not the same code.
    Fix: name the release, better still its digest.
    Source: https://kubernetes.io/docs/concepts/containers/images/
    Not: an image with a digest, which needs no tag; a registry with a port is no tag; images that Istio puts in the place of `auto`.
    """
    for placed, image in images(subject):
        if not image.tag and not image.digest:
            yield Hit(
                f"{placed.role} {placed.container.name} runs {placed.container.image}, which names no version",
                path=f"{placed.path}.image",
                item=placed.container.name,
                fix="add the tag of a release, or its digest",
            )
