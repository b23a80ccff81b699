"""`daytwo brakes`: stop every new change at once."""

from typing import TYPE_CHECKING

import click

from daytwo.cli.looking import note
from daytwo.cli.options import ledger_options
from daytwo.cli.output import is_coloured, show, width
from daytwo.cli.person import machine_user
from daytwo.cli.place import PATIENCE, place_of
from daytwo.cli.world import World
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from daytwo.ledger.database import Ledger
    from daytwo.ledger.place import Place
    from daytwo.model.brakes import Brakes


class InOrder(click.Group):
    """Lists its commands in the order in which they stand here."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=InOrder, invoke_without_command=True)
@click.pass_context
def brakes(ctx: click.Context) -> int | None:
    """Stop every new change at once, and let go again. Without a command: whether they are on.

    While the brakes are on nothing new is sent to any cluster, by any command or worker that uses this ledger; runs wait before
    their next step. They hold at once, even while another process is writing to the ledger, and until somebody takes them off.
    """
    return _status(ctx.obj, None, None) if ctx.invoked_subcommand is None else None


@brakes.command("on")
@click.option("--why", metavar="TEXT", required=True, help="What others must know before they take them off.")
@ledger_options
@click.pass_obj
def on(world: World, /, why: str, ledger: str | None, settings: str | None) -> int:
    """Put the brakes on."""
    from daytwo.ledger.brakes import put_on
    from daytwo.model.brakes import Brakes

    if not why.strip():
        raise UsageError("--why: say in a few words why, for whoever finds the brakes on")
    place = place_of(world, ledger, settings)
    put = Brakes(why.strip(), machine_user(), world.now())
    trouble = put_on(place, put, lambda: world.open_ledger(place, PATIENCE))
    show(_told(put, world.now(), place))
    if trouble:
        note(f"the brakes are on, but {trouble}")
        return 1
    return 0


@brakes.command("off")
@ledger_options
@click.pass_obj
def off(world: World, /, ledger: str | None, settings: str | None) -> int:
    """Take the brakes off. Runs that wait for them go on with their next step where a worker is running."""
    from daytwo.ledger.brakes import take_off

    place = place_of(world, ledger, settings)
    was_on = take_off(place, machine_user(), lambda: world.open_ledger(place, PATIENCE))
    show("THE BRAKES ARE OFF\n" if was_on else "the brakes were not on\n")
    return 0


@brakes.command("status")
@ledger_options
@click.pass_obj
def status(world: World, /, ledger: str | None, settings: str | None) -> int:
    """Whether the brakes are on, since when, and why. Exit code 1 while they are on."""
    return _status(world, ledger, settings)


def _status(world: World, ledger: str | None, settings: str | None) -> int:
    from daytwo.ledger.brakes import read_brakes, read_brakes_file

    place = place_of(world, ledger, settings)
    found = read_brakes_file(place)
    if found is None and place.is_postgresql:
        ledger_there: Ledger = world.open_ledger(place, PATIENCE)
        with ledger_there:
            found = read_brakes(ledger_there)
    show(_told(found, world.now(), place) if found is not None else f"the brakes are off ({place})\n")
    return 1 if found is not None else 0


def _told(found: "Brakes", now: "datetime", place: "Place") -> str:
    from daytwo.model.moment import duration
    from daytwo.render.page import Span, Style, lay_out, line

    since = (now - found.since).total_seconds() if found.since is not None else 0
    age = f", {duration(now - found.since)} ago" if found.since is not None and since >= 60 else ""
    by = f"by {found.by}{age}" if found.by else age.removeprefix(", ")
    lines = [
        line(Span("THE BRAKES ARE ON", Style.CRITICAL), f"  {by}: {found.why}" if by else f"  {found.why}", hang=2),
        line(f"  nothing new is sent to any cluster by whoever uses {place}", hang=2),
        line("  ", Span("daytwo brakes off", Style.STRONG)),
    ]
    return lay_out(lines, width=width(), is_coloured=is_coloured())
