"""The check `images/registry-retired`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.images.named import images
from daytwo.domains.images.retired import retired
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.HIGH,
    by_hand="nobody publishes the same image elsewhere: what to run in its place is a decision",
)
def registry_retired(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An image from a registry that is gone, frozen, or no longer looked after.

    Why: the pod starts only where a node still has the image; on the next node, or after a clean-up, it does not. What is frozen
    gets no security fixes.
    Fix: name the image where it is published now.
    Source: https://kubernetes.io/blog/2023/03/10/image-registry-redirect/
    Not: `latest` of docker.io/bitnami, which is still served, and its digests; registries of your own whose path only looks alike.
    """
    for placed, image in images(subject):
        found = retired(image)
        if found is None:
            continue
        path = f"{placed.path}.image"
        rest = str(image).removeprefix(found.prefix)
        yield Hit(
            f"{placed.role} {placed.container.name} runs {placed.container.image}: {found.prefix} {found.what}",
            path=path,
            item=placed.container.name,
            severity=found.severity,
            fix=f"write {found.instead}{rest}" if found.instead else "take the image from who publishes it now, or build your own",
            repair=setting(path, f"{found.instead}{rest}") if found.instead else None,
        )
