"""Policy as the door asks for it: the rules, with what the ledger and the brakes say at that moment."""

from typing import TYPE_CHECKING

from daytwo.domains.changes.policy import Holder, PolicyFacts, rule
from daytwo.engine.act import Policy
from daytwo.ledger.brakes import read_brakes
from daytwo.ledger.run_writing import lock_name
from daytwo.ledger.surroundings import read_surroundings
from daytwo.model.plan import Diff, Plan
from daytwo.model.ruling import Ruling
from daytwo.settings import Acting

if TYPE_CHECKING:
    from daytwo.ledger.database import Ledger


def policy_of(settings: Acting, ledger: "Ledger", cluster: str) -> Policy:
    """`cluster` is the uid under which the ledger knows it."""

    async def policy(plan: Plan, diffs: tuple[Diff, ...]) -> Ruling:
        names = {lock_name(cluster, step.change) for step in plan.steps} - {""}
        with ledger.read() as connection:
            around = read_surroundings(connection, names)
        return rule(
            plan,
            PolicyFacts(
                settings=settings,
                at=around.at,
                diffs=diffs,
                brakes=read_brakes(ledger),
                holder=Holder(around.holder, around.holder_title) if around.holder else None,
                last_run_at=around.last_run_at,
                runs_today=around.runs_today,
                is_shared=ledger.place.is_postgresql,
            ),
        )

    return policy
