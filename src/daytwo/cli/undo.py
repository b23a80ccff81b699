"""`daytwo undo`: take back what a run did."""

from typing import TYPE_CHECKING

import click

from daytwo.cli.action_command import FORMATS
from daytwo.cli.looking import note
from daytwo.cli.options import ledger_options, output_option, target_options
from daytwo.cli.output import parse_outputs
from daytwo.cli.place import PATIENCE, settings_of
from daytwo.cli.world import World
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from daytwo.cli.bench import Bench
    from daytwo.model.run import Run


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Show what would change, and stop.")
@click.option("-y", "--yes", "is_yes", is_flag=True, help="Answer the question; not for what is destructive or must be read.")
@click.option("--why", metavar="TEXT", default="", help="Why, for whoever reads the history.")
@click.option("--as", "user", metavar="USER", help="Act as this user (impersonation); as the run did without it.")
@ledger_options
@output_option(*FORMATS)
@target_options
@click.pass_context
def undo(
    ctx: click.Context,
    /,
    run_id: str,
    is_dry_run: bool,
    is_yes: bool,
    why: str,
    user: str | None,
    ledger: str | None,
    settings: str | None,
    outputs: tuple[str, ...],
    context: str | None,
    kubeconfig: str | None,
) -> int:
    """Take back what a run did: its finished steps, the last one first.

    What somebody has changed since is not overwritten: the plan says so. An undo is never denied by cooldowns and ceilings.

    \b
    Exit codes: 0 taken back, or nothing to do · 1 denied, not approved, failed or unknown
    """
    import asyncio

    from daytwo.cli.acting import carry_out
    from daytwo.cli.bench import DONE, Bench
    from daytwo.cli.working import open_door_of
    from daytwo.engine.policy import policy_of
    from daytwo.ledger.place import ledger_place
    from daytwo.ledger.runs import find_run

    world: World = ctx.obj
    wanted = parse_outputs(outputs, FORMATS)
    found = settings_of(world, settings)

    async def go() -> int:
        with world.open_ledger(ledger_place(ledger or found.ledger), PATIENCE) as opened:
            bench = Bench(world, found, opened, wanted, ctx.find_root().info_name or "daytwo")
            run = find_run(opened, run_id)
            _refuse(bench, run)
            async with open_door_of(world, found, run, context, kubeconfig, user) as door:
                proposal = await door.propose_undo(run, policy_of(found.act, opened, door.cluster.uid))
                if not proposal.items:
                    note(f"nothing of run {run.id} can be taken back: {_why_not(run)}")
                    return DONE if not _did_anything(run) else 1
                return await carry_out(bench, door, proposal, is_dry_run=is_dry_run, is_yes=is_yes, why=why, title=f"undo of {run.title}")

    return asyncio.run(go())


def _refuse(bench: "Bench", run: "Run") -> None:
    if not run.state.is_over:
        raise UsageError(f"run {run.id} is not over; `{bench.program} runs cancel {run.id}` ends it, and then it can be taken back")


def _did_anything(run: "Run") -> bool:
    from daytwo.render.text_of_runs import changes_something

    return any(record.stored is not None and changes_something(record.stage) for record in run.stages)


def _why_not(run: "Run") -> str:
    from daytwo.model.run import Act

    if not _did_anything(run):
        return "it changed nothing"
    if any(isinstance(record.stage, Act) and record.stage.undoes is not None and record.stored is not None for record in run.stages):
        return "it has taken back itself what it did"
    reasons = [record.stage.step.no_undo for record in run.stages if isinstance(record.stage, Act) and record.stage.step.no_undo]
    return reasons[0] if reasons else "its steps say of no way back"
