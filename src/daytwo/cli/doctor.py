"""`daytwo doctor`: what works here."""

import click

from daytwo.cli.looking import note
from daytwo.cli.options import ledger_options, target_options
from daytwo.cli.output import is_coloured, show, width
from daytwo.cli.world import World


@click.command()
@target_options
@click.option("--role", "is_role_only", is_flag=True, help="Print just the ClusterRole that is missing, for kubectl apply -f -.")
@click.option("--secrets", "with_secrets", is_flag=True, help="With --role: also the one that reads Secrets.")
@ledger_options
@click.pass_context
def doctor(
    ctx: click.Context,
    /,
    context: str | None,
    kubeconfig: str | None,
    is_role_only: bool,
    with_secrets: bool,
    ledger: str | None,
    settings: str | None,
) -> int:
    """What works here: installation, ledger, kubeconfig, connection, rights; and the ClusterRole that is missing.

    It asks the API server what you may read and reads no object. That Secrets may not be listed is no fault.

    \b
    Exit codes: 0 everything works · 1 something is lacking or fails
    """
    import asyncio
    from pathlib import Path

    from daytwo.cli.place import settings_of
    from daytwo.ledger.place import NO_LEDGER, ledger_place
    from daytwo.model.examination import State
    from daytwo.render.text_of_examination import examination

    world: World = ctx.obj
    name = ledger or settings_of(world, settings).ledger
    place = ledger_place(name) if name != NO_LEDGER else None
    found = asyncio.run(world.examine(context, Path(kubeconfig) if kubeconfig else None, place))
    if is_role_only:
        roles = [found.missing_role, found.secrets_role if with_secrets else ""]
        show("---\n".join(role for role in roles if role))
        if not any(roles):
            note("no role is missing, or it could not be told: `daytwo doctor` says which")
    else:
        program = ctx.find_root().info_name or "daytwo"
        show(examination(found, width=width(), is_coloured=is_coloured(), program=program))
    return 0 if all(part.state is State.OK or part.name == "secrets" for part in found.parts) else 1
