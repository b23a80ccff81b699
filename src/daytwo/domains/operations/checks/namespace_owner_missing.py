"""The check `operations/namespace-owner-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.operations.care import OwnerKeys, is_of_people
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Namespace,
    heading=Heading.OPERATIONS,
    severity=Severity.LOW,
    applies=is_of_people,
    options=OwnerKeys,
    by_hand="who owns it is for people to say",
)
def namespace_owner_missing(namespace: Namespace, snapshot: Snapshot, options: OwnerKeys) -> Iterator[Hit]:
    """A namespace of which nothing says whose it is.

    Why: rights, quotas, costs and clean-ups go by namespace, and objects without an owner of their own belong to their namespace's.
    Fix: label the namespace with the team, or map it in owners.yaml.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
    Not: default and the namespaces that begin with kube-; a namespace that is being deleted.
    """
    if any(namespace.labels.get(key) or namespace.annotations.get(key) for key in options.keys):
        return
    if not any(
        entry.owner and not entry.name and not entry.kind and entry.namespace == namespace.name for entry in snapshot.ownership.entries
    ):
        yield Hit(
            "no label, annotation or mapping says whose it is",
            path="metadata.labels",
            fix=f"add the label {options.keys[0]} with the team's name" if options.keys else "map it in owners.yaml",
        )
