"""The check `images/pull-policy-never`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.images.named import containers
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
)
def pull_policy_never(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An image that is never pulled: somebody must have put it on every node.

    Why: a pod that is moved to a new node does not start there (ErrImageNeverPull), and what lies on the node need not come from
    the registry that was checked. It is a setting for trying things on a machine of one's own.
    Fix: set imagePullPolicy to IfNotPresent: a node that has the image still does not pull it.
    Source: https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
    """
    for placed in containers(subject):
        if placed.container.image_pull_policy == "Never":
            path = f"{placed.path}.imagePullPolicy"
            yield Hit(
                f"{placed.role} {placed.container.name} runs {placed.container.image} with imagePullPolicy Never:"
                " it starts only on nodes that have the image already",
                path=path,
                item=placed.container.name,
                fix="set imagePullPolicy: IfNotPresent",
                # A node that has the image goes on as before; one that has not could not run the pod at all.
                repair=setting(path, "IfNotPresent"),
            )
