"""The check `operations/cost-label-missing`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.operations.care import is_looked_after, require_namespace, said
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


class CostKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`keys`: labels that say who pays, of the workload, its pods or its namespace. One of them is enough."""

    keys: tuple[str, ...] = ("cost-center", "cost_center", "costcenter", "billing", "cost-centre")


@check(
    Runnable,
    heading=Heading.OPERATIONS,
    severity=Severity.LOW,
    applies=is_looked_after,
    options=CostKeys,
    by_hand="who pays for it is for people to say",
)
def cost_label_missing(subject: Runnable, snapshot: Snapshot, options: CostKeys) -> Iterator[Hit]:
    """A workload of which nothing says who pays for it.

    Why: what cannot be put on anybody's bill is shared by all, and nobody has a reason to shrink it.
    Fix: label it or its namespace with the cost centre.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
    Not: kube-system; a workload whose namespace has the label.
    """
    if said(subject, snapshot, options.keys) is None:
        require_namespace(subject, snapshot)
        yield Hit(
            f"nothing says who pays for it: no label {' or '.join(options.keys[:2])} on it or its namespace",
            path="metadata.labels",
            fix="label it or its namespace with the cost centre",
        )
