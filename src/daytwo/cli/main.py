"""The command `daytwo`: which commands there are, and how any of them ends."""

import errno
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Final, NamedTuple

import click

from daytwo.cli.world import World
from daytwo.model.errors import UsageError

OK: Final = 0
USAGE: Final = 2
OWN_FAULT: Final = 70
INTERRUPTED: Final = 130


class Entry(NamedTuple):
    """Where a command lives and its line in `daytwo --help`, told without importing it."""

    place: str
    help: str


COMMANDS: Final[dict[str, Entry]] = {
    "review": Entry("daytwo.cli.review:review", "What needs attention today, this week, and how we know."),
    "problem": Entry("daytwo.cli.problem:problem", "One problem whole: evidence, timeline, what it touches, what next."),
    "check": Entry("daytwo.cli.check:check", "Every finding of every check."),
    "checks": Entry("daytwo.cli.checks:checks", "The checks there are, one a line."),
    "explain": Entry("daytwo.cli.explain:explain", "A check's page: what it finds, why it matters, how to mend it."),
    "who-can": Entry("daytwo.cli.who_can:who_can", "Who has a right, by which binding and role."),
    "act": Entry("daytwo.cli.act:act", "Change one thing: see what would change, approve it, see it done."),
    "undo": Entry("daytwo.cli.undo:undo", "Take back what a run did."),
    "runs": Entry("daytwo.cli.runs:runs", "What was done, what waits for somebody, and the worker that goes on with it."),
    "brakes": Entry("daytwo.cli.brakes:brakes", "Stop every new change at once, and let go again."),
    "ledger": Entry("daytwo.cli.ledger:ledger", "What daytwo remembers: shown, proven, exported, backed up, pruned."),
    "record": Entry("daytwo.cli.record:record", "Write a recording of a cluster, without any secret value in it."),
    "doctor": Entry("daytwo.cli.doctor:doctor", "What works here: installation, kubeconfig, access; and the ClusterRole that is missing."),
    "completion": Entry("daytwo.cli.completion:completion", "The completion script for bash, zsh or fish."),
    "version": Entry("daytwo.cli.version:version", "The version."),
}


class LazyGroup(click.Group):
    """Commands from a table: help of the group imports none of them, running one imports that one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, name = entry.place.partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from daytwo.model.errors import did_you_mean

            raise UsageError(f'there is no command "{args[0]}"{did_you_mean(args[0], COMMANDS)} (`{ctx.command_path} --help` lists them)')
        return super().resolve_command(ctx, args)


SETTINGS: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=LazyGroup, context_settings=SETTINGS, no_args_is_help=False, invoke_without_command=True)
@click.option("--version", "is_version", is_flag=True, help="The version.")
@click.pass_context
def daytwo(ctx: click.Context, is_version: bool) -> None:
    """Looks at a Kubernetes cluster and says what needs attention today, how we know, and the next command.

    \b
      daytwo review                   the cluster of the current kubeconfig context
      daytwo review shop.recording    a recording that `daytwo record` made
      daytwo review --demo            a bundled recording of a shop with troubles

    Only `act`, `undo` and `runs` change anything, and only what somebody has approved.

    \b
    Exit codes: 0 fine · 1 something to do · 2 usage ·
    3 nothing failed, but a read did · 70 a fault of daytwo itself · 130 interrupted
    """
    if is_version:
        from daytwo import __version__

        click.echo(f"daytwo {__version__}")
    elif ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(world: World, arguments: Sequence[str], program: str = "daytwo") -> int:
    """Runs one command line and returns its exit code. Nothing that a person can cause ends in a traceback."""
    from daytwo.cli.output import silence_output

    if isinstance(sys.stdout, TextIOWrapper):
        # Help holds characters that an old locale lacks; they must not end it.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        if _looks_at_the_ledger(arguments):
            from daytwo.cli.overdue import tell_overdue

            tell_overdue(world, arguments, program)
        code = daytwo.main(args=list(arguments), prog_name=program, obj=world, standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else OK
    except BrokenPipeError:
        silence_output()
        return OK
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        return _refused(_click_message(error))
    except UsageError as error:
        return _refused(str(error))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            return _own_fault(error, world)
        silence_output()
        return _refused(f"standard output: {error.strerror}")
    except Exception as error:  # noqa: BLE001 - the boundary: a bug becomes one line, a file with the traceback, and exit code 70
        return _own_fault(error, world)


def _looks_at_the_ledger(arguments: Sequence[str]) -> bool:
    """Whether somebody who runs this wants to know what is overdue: not who asks for help, and not who is about to do it."""
    is_command = arguments[:1] and arguments[0] in COMMANDS and arguments[0] not in ("completion", "version")
    return bool(is_command) and not {"-h", "--help"} & set(arguments) and list(arguments[:2]) != ["runs", "work"]


def _own_fault(error: Exception, world: World) -> int:
    from daytwo.cli.fault import report_fault

    print(report_fault(error, world.now()), file=sys.stderr)
    return OWN_FAULT


def _refused(message: str) -> int:
    from daytwo.render.visible import visible

    print("\n".join(visible(row) for row in f"daytwo: {message}".splitlines()), file=sys.stderr)
    return USAGE


def _click_message(error: click.ClickException) -> str:
    message = error.format_message().rstrip(".")
    message = message[:1].lower() + message[1:]
    context = getattr(error, "ctx", None)
    return f"{message} (`{context.command_path} --help` tells more)" if context is not None else message
