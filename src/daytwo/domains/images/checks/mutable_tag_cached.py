"""The check `images/mutable-tag-cached`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.images.named import images, pull_policy
from daytwo.model.finding import Hit
from daytwo.model.runnable import Role, Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    by_hand="pulling it again may bring other code; name the version that is meant instead",
)
def mutable_tag_cached(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An image of no certain version (`latest`, or none) that a node does not pull again once it has one.

    Why: each node runs the code that was the latest when it first pulled it, so pods of one workload differ from node to node
    and a restart changes nothing.
    Fix: name the version; until then set imagePullPolicy to Always.
    Source: https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
    Not: images with a release's tag or a digest, for which IfNotPresent is right and Always does no harm either.
    """
    for placed, image in images(subject):
        policy = pull_policy(placed, image)
        if image.is_latest and policy == "IfNotPresent" and placed.role is not Role.EPHEMERAL:
            yield Hit(
                f"{placed.role} {placed.container.name} runs {placed.container.image} with imagePullPolicy {policy}:"
                " each node keeps the one it pulled first",
                path=f"{placed.path}.imagePullPolicy",
                item=placed.container.name,
                fix="name the version that is meant, or set imagePullPolicy: Always",
            )
