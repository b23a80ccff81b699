"""The check `operations/owners-disagree`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.operations.care import OwnerKeys, is_looked_after, owners
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
    by_hand="which of the two is right is for people to say",
)
def owners_disagree(subject: Runnable, snapshot: Snapshot, options: OwnerKeys) -> Iterator[Hit]:
    """A workload that its label gives to one team and the catalogue or the mapping file to another.

    Why: one of them is out of date, and the wrong team is called.
    Fix: correct the one that is wrong.
    Source: https://backstage.io/docs/features/software-catalog/descriptor-format
    Not: a mapping of a whole namespace beside one that names the workload: the closer one holds.
    """
    found = list(owners(subject, snapshot, options.keys))
    if not found:
        return
    first = found[0]
    # Behind what stands on the object, only the entry that names it most closely counts.
    other = next((one for one in found[1:2] if one.value.lower() != first.value.lower()), None)
    if other is not None:
        yield Hit(
            f"belongs to {first.value} by {first.where} and to {other.value} by {other.where}",
            path="metadata.labels",
            fix="correct the one that is wrong",
        )
