"""The check `operations/owner-unknown`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.operations.care import OwnerKeys, is_looked_after, owners
from daytwo.model.errors import did_you_mean
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
    by_hand="which team is meant is for people to say",
)
def owner_unknown(subject: Runnable, snapshot: Snapshot, options: OwnerKeys) -> Iterator[Hit]:
    """A workload whose owner is none of the teams that owners.yaml lists.

    Why: the team was renamed or dissolved, or its name is misspelt: pages, bills and questions go nowhere.
    Fix: write the team's present name, or list the team.
    Source: https://kubernetes.io/blog/2021/04/20/annotating-k8s-for-humans/
    Not: anything, while owners.yaml lists no teams. Upper and lower case, and `group:default/` in front, make no difference.
    """
    teams = snapshot.ownership.teams
    owner = next(owners(subject, snapshot, options.keys), None)
    if not teams or owner is None or owner.value.lower() in {team.lower() for team in teams}:
        return
    yield Hit(
        f"its owner {owner.value} ({owner.where}) is no team of owners.yaml{did_you_mean(owner.value, teams)}",
        path="metadata.labels",
        fix="write the team's present name",
    )
