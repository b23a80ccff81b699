"""Policy as the door asks for it: the rules, with what the ledger and the brakes say at that moment."""

from typing import TYPE_CHECKING

from daytwo.domains.changes.policy import Holder, PolicyFacts, rule
from daytwo.engine.act import Policy
from daytwo.ledger.brakes import read_brakes
from daytwo.ledger.runs import count_runs, holder, last_finished_at, ledger_now
from daytwo.model.plan import Diff, Plan
from daytwo.model.ruling import Ruling
from daytwo.settings import Acting

if TYPE_CHECKING:
    from daytwo.ledger.database import Ledger


def policy_of(settings: Acting, ledger: "Ledger", cluster: str) -> Policy:
    """`cluster` is the uid under which the ledger knows it."""

    async def policy(plan: Plan, diffs: tuple[Diff, ...]) -> Ruling:
        changes = [step.change for step in plan.steps]
        found = holder(ledger, cluster, changes)
        return rule(
            plan,
            PolicyFacts(
                settings=settings,
                at=ledger_now(ledger),
                diffs=diffs,
                brakes=read_brakes(ledger),
                holder=Holder(found.id, found.title) if found is not None else None,
                last_run_at=last_finished_at(ledger, cluster, changes),
                runs_today=count_runs(ledger),
                is_shared=ledger.place.is_postgresql,
            ),
        )

    return policy
