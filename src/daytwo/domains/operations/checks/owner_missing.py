"""The check `operations/owner-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.operations.care import UNOWNED, OwnerKeys, is_looked_after, owners, require_namespace
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.OPERATIONS,
    severity=Severity.LOW,
    applies=is_looked_after,
    options=OwnerKeys,
    by_hand="who owns it is for people to say",
)
def owner_missing(subject: Runnable, snapshot: Snapshot, options: OwnerKeys) -> Iterator[Hit]:
    """A workload of which nothing says whose it is.

    Why: when it fails nobody knows whom to call, and nobody can say whether it may go, be moved or cost what it costs.
    Fix: label it or its namespace with the team, annotate it, list it in the catalogue, or map it in owners.yaml.
    Source: https://kubernetes.io/blog/2021/04/20/annotating-k8s-for-humans/
    Not: kube-system; workloads whose namespace, catalogue entry or mapping names the team. An empty label names nobody.
    """
    if next(owners(subject, snapshot, options.keys), None) is None:
        require_namespace(subject, snapshot)
        yield Hit(
            f"is {UNOWNED}: no {', '.join(options.keys[:3])} on it or its namespace, no catalogue entry, no mapping",
            path="metadata.labels",
            fix=f"add the label {options.keys[0]} with the team's name" if options.keys else "map it in owners.yaml",
        )
