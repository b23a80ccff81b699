"""The check `images/pull-policy-not-always`."""

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
    severity=Severity.LOW,
    by_hand="with Always no pod starts while the registry is down: whether that is worth it depends on who shares the nodes",
)
def pull_policy_not_always(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An image that is named by a tag and not asked for at its registry each time a container starts.

    Why: on a shared node, a pod whose image another pod has pulled starts without credentials for it; and a moved tag is not noticed.
    Fix: name the digest, or set imagePullPolicy to Always (the admission controller AlwaysPullImages does it for all).
    Source: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwayspullimages
    Not: images with a digest: what runs is certain. This rule is contested, because Always makes each start depend on the registry.
    """
    for placed, image in images(subject):
        policy = pull_policy(placed, image)
        if policy != "Always" and not image.is_pinned and placed.role is not Role.EPHEMERAL:
            yield Hit(
                f"{placed.role} {placed.container.name} runs {placed.container.image} with imagePullPolicy {policy}",
                path=f"{placed.path}.imagePullPolicy",
                item=placed.container.name,
                fix="name the image by its digest, or set imagePullPolicy: Always",
            )
