"""`daytwo act`: the actions there are, and each as a command of its own."""

from typing import TYPE_CHECKING, Final

import click

from daytwo.cli.output import is_coloured, show, width
from daytwo.cli.world import World
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from daytwo.catalog import Action
    from daytwo.cli.action_command import Acting

ROLE: Final = "--role"


class Actions(click.Group):
    """Commands from the files in `actions/`: the list imports none of them, running one imports that one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # What follows --role are names of actions, not an action to run.
        if args[:1] == [ROLE]:
            args = ["--", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        from daytwo.catalog import action_names

        return list(action_names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from daytwo.catalog import find_action
        from daytwo.cli.action_command import command_of

        if cmd_name == ROLE:
            return role
        try:
            return command_of(find_action(cmd_name), _do)
        except LookupError:
            return None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        from daytwo.catalog import find_action

        if args and args[0] != ROLE and not args[0].startswith("-"):
            try:
                find_action(args[0])
            except LookupError as error:
                raise UsageError(str(error.args[0])) from None
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from daytwo.catalog import action_summaries

        with formatter.section("Actions"):
            formatter.write_dl(list(action_summaries()))


@click.group(cls=Actions, invoke_without_command=True, no_args_is_help=False, subcommand_metavar="[ACTION TARGET ...]")
@click.option(ROLE, "is_role", is_flag=True, help="Print the ClusterRole that these actions take, or all that are enabled.")
@click.pass_context
def act(ctx: click.Context, is_role: bool) -> None:
    """Change one thing: see what would change, approve it, see it done.

    \b
      daytwo act                                                  the actions there are
      daytwo act scale deployment/web --replicas 5 --dry-run      what it would change
      daytwo act scale deployment/web --replicas 5                asks, does it, waits until it is so
      daytwo act scale deployment/web --replicas 5 --for 30m      takes it back after half an hour

    Everything is written into the ledger before and after it is done; `daytwo undo RUN` takes it back.

    \b
    Exit codes: 0 done, or nothing to do · 1 denied, not approved, failed or unknown
    """
    if ctx.invoked_subcommand is None:
        _list(ctx)


@click.command("role")
@click.argument("names", nargs=-1)
@click.option("--settings", type=click.Path())
@click.pass_obj
def role(world: World, /, names: tuple[str, ...], settings: str | None) -> None:
    """The ClusterRole that actions take, looking for who would revert them included."""
    from pathlib import Path

    from daytwo.catalog import actions, find_action
    from daytwo.domains.changes.fighters import RIGHTS
    from daytwo.render.cluster_role import to_yaml
    from daytwo.render.roles_of_actions import role_of_actions

    try:
        wanted = [find_action(name) for name in names]
    except LookupError as error:
        raise UsageError(str(error.args[0])) from None
    enabled = world.settings(Path(settings) if settings else None).act
    chosen = wanted or [action for action in actions() if enabled.is_enabled(action.name)]
    show(to_yaml(role_of_actions(chosen, RIGHTS)))


def _list(ctx: click.Context) -> None:
    from daytwo.catalog import action_summaries
    from daytwo.render.text_of_actions import listing

    world: World = ctx.obj
    found = action_summaries()
    enabled = world.settings(None).act
    disabled = frozenset(name for name, _ in found if not enabled.is_enabled(name))
    program = ctx.find_root().info_name or "daytwo"
    show(listing(found, disabled, width=width(), is_coloured=is_coloured(), program=program))


def _do(ctx: click.Context, action: "Action", acting: "Acting") -> int:
    from daytwo.cli.acting import act_once

    return act_once(ctx, action, acting)
