"""`daytwo runs`: what was done, what waits for somebody, and the worker that goes on with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from daytwo.cli.looking import note, zone
from daytwo.cli.options import Function, ledger_options, output_option, target_options, timezone_option
from daytwo.cli.output import is_coloured, parse_outputs, show, width, write_whole
from daytwo.cli.person import machine_user
from daytwo.cli.place import PATIENCE, place_of, settings_of
from daytwo.cli.world import World

if TYPE_CHECKING:
    from daytwo.engine.act import Door
    from daytwo.engine.hands import Ready
    from daytwo.ledger.database import Ledger
    from daytwo.model.person import Person
    from daytwo.model.run import Run, StageRecord

FORMATS: Final = ("text", "json")
_MOST: Final = 30


class InOrder(click.Group):
    """Lists its commands in the order in which they stand here."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=InOrder, invoke_without_command=True)
@click.pass_context
def runs(ctx: click.Context) -> int | None:
    """What was done, what waits for somebody, and the worker that goes on with it. Without a command: the list."""
    return int(ctx.invoke(list_)) if ctx.invoked_subcommand is None else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The flags that say which ledger."""

    ledger: str | None = None
    settings: str | None = None


@runs.command("list")
@click.option("--open", "is_open", is_flag=True, help="Only those that are not over.")
@click.option("--all", "is_all", is_flag=True, help=f"All of them; the newest {_MOST} and those that are not over without it.")
@ledger_options
@output_option(*FORMATS)
@timezone_option
@click.pass_context
def list_(
    ctx: click.Context,
    /,
    is_open: bool = False,
    is_all: bool = False,
    outputs: tuple[str, ...] = (),
    timezone: str | None = None,
    **place: Any,
) -> int:
    """The runs, the newest first: state, who, where, what, and what they wait for."""
    from daytwo.ledger.runs import IN_FLIGHT, list_runs
    from daytwo.model.run import RunState
    from daytwo.render import json_of_acting, text_of_runs
    from daytwo.render.clock import Clock

    wanted = parse_outputs(outputs, FORMATS)
    world: World = ctx.obj
    with _opened(world, Place(**place)) as ledger:
        found = list_runs(ledger, IN_FLIGHT)
        if not is_open:
            ids = {run.id for run in found}
            newest = list_runs(ledger, tuple(RunState), **({} if is_all else {"limit": _MOST}))
            found = sorted([*(run for run in found if run.id not in {one.id for one in newest}), *newest], key=_newest_first)
            assert ids <= {run.id for run in found}
    clock = Clock(world.now(), zone(timezone))
    for output in wanted:
        if output.format == "json":
            text = json_of_acting.runs(found)
        elif not found:
            text = "no run is open\n" if is_open else "no run yet: `daytwo act` starts one\n"
        else:
            is_screen = output.path is None
            text = text_of_runs.listing(found, clock, width=width() if is_screen else None, is_coloured=is_screen and is_coloured())
        _write(output.path, text)
    return 0


def _newest_first(run: "Run") -> tuple[float, str]:
    return -run.created_at.timestamp(), run.id


@runs.command("show")
@click.argument("run_id", metavar="RUN")
@ledger_options
@output_option(*FORMATS)
@timezone_option
@click.pass_context
def show_(ctx: click.Context, /, run_id: str, outputs: tuple[str, ...], timezone: str | None, **place: Any) -> int:
    """One run whole: each step with its attempts and outcome, who approved it, what it waits for, what to do next."""
    from daytwo.ledger.runs import find_run
    from daytwo.render import json_of_acting, text_of_runs
    from daytwo.render.clock import Clock

    wanted = parse_outputs(outputs, FORMATS)
    world: World = ctx.obj
    with _opened(world, Place(**place)) as ledger:
        run = find_run(ledger, run_id)
    clock = Clock(world.now(), zone(timezone))
    program = ctx.find_root().info_name or "daytwo"
    for output in wanted:
        if output.format == "json":
            text = json_of_acting.run(run)
        else:
            is_screen = output.path is None
            text = text_of_runs.run(
                run, clock, width=width() if is_screen else None, is_coloured=is_screen and is_coloured(), program=program
            )
        _write(output.path, text)
    return 0


@runs.command("approve")
@click.argument("run_id", metavar="RUN")
@click.option("-y", "--yes", "is_yes", is_flag=True, help="Answer the question; not for what is destructive.")
@click.option("--why", metavar="TEXT", default="", help="Why, for whoever reads the history.")
@ledger_options
@target_options
@click.pass_context
def approve(
    ctx: click.Context,
    /,
    run_id: str,
    is_yes: bool,
    why: str,
    context: str | None,
    kubeconfig: str | None,
    **place: Any,
) -> int:
    """See what the run's next step would change now, and approve exactly that.

    Who approves is who the API server says one is. The run goes on where a worker is running, or with `daytwo runs work RUN`.
    """
    import asyncio

    from daytwo.cli.working import open_door_of
    from daytwo.ledger.runs import find_run

    world: World = ctx.obj
    given = Place(**place)

    async def go() -> int:
        with _opened(world, given) as ledger:
            run = find_run(ledger, run_id)
            record = _asked_for_approval(run)
            if record is None:
                note(f"run {run.id} waits for no approval; `daytwo runs show {run.id}` says where it stands")
                return 1
            settings = settings_of(world, given.settings)
            async with open_door_of(world, settings, run, context, kubeconfig) as door:
                return await _approve(ledger, door, run, record, is_yes=is_yes and settings.act.allow_yes, why=why)

    return asyncio.run(go())


async def _approve(ledger: "Ledger", door: "Door", run: "Run", record: "StageRecord", *, is_yes: bool, why: str) -> int:
    from daytwo.engine.hands import Ready
    from daytwo.ledger.signals import give_approval

    prepared = await door.prepare(run, record)
    if not isinstance(prepared, Ready):
        reason = getattr(prepared, "reason", "") or getattr(prepared, "detail", "")
        note(f"nothing to approve now: {reason}; the run finds out by itself when it is worked on")
        return 1
    show(_told_of_approval(run, record, prepared, door.person))
    if not _is_approved(record, is_yes=is_yes):
        note("not approved")
        return 1
    after = give_approval(ledger, run.id, prepared.digest, door.person, why)
    have = len({one.person.name for one in after.approvals if one.digest == prepared.digest})
    show(f"approved by {door.person}, {have} of {prepared.people}\n")
    return 0


def _asked_for_approval(run: "Run") -> "StageRecord | None":
    from daytwo.model.run import WaitKind

    waiting = run.waiting
    return run.stages[waiting.stage] if waiting is not None and waiting.kind is WaitKind.APPROVAL else None


def _told_of_approval(run: "Run", record: "StageRecord", ready: "Ready", person: "Person") -> str:
    from daytwo.render.page import lay_out
    from daytwo.render.text_of_plan import step_to_approve

    before = sorted({one.person.name for one in run.approvals if one.digest == ready.digest})
    return lay_out(
        step_to_approve(run, record, ready.diff, person, before, ready.people, width()), width=width(), is_coloured=is_coloured()
    )


def _is_approved(record: "StageRecord", *, is_yes: bool) -> bool:
    import sys

    from daytwo.cli.consent import is_confirmed, is_typed
    from daytwo.model.run import Act
    from daytwo.model.tier import Class

    assert isinstance(record.stage, Act)
    step = record.stage.step
    is_destructive = step.class_ is Class.DESTRUCTIVE
    if is_yes and not is_destructive:
        return True
    if not sys.stdin.isatty():
        note("there is no terminal to ask at" + ("" if is_destructive else "; add --yes to approve what was just shown"))
        return False
    if is_destructive:
        return is_typed(step.change.target.name if step.change.target is not None else step.call.uses, "this is destructive")
    return is_confirmed("approve it?")


def _signal(name: str, help: str) -> Callable[[Function], click.Command]:
    """A command that tells a run something."""

    def make(function: Function) -> click.Command:
        decorated = click.option("--why", metavar="TEXT", default="", help="Why, for whoever reads the history.")(
            ledger_options(click.pass_context(function))
        )
        return runs.command(name, help=help)(click.argument("run_id", metavar="RUN")(decorated))

    return make


@_signal("reject", "Refuse what a run asks approval for; the run ends, and what it did already stays done.")
def reject(ctx: click.Context, /, run_id: str, why: str, **place: Any) -> int:
    return _send(ctx, "reject", run_id, why, Place(**place))


@_signal("cancel", "End a run before its next step; what it did already stays done, and can be taken back with `daytwo undo`.")
def cancel(ctx: click.Context, /, run_id: str, why: str, **place: Any) -> int:
    return _send(ctx, "cancel", run_id, why, Place(**place))


@_signal("pause", "Hold a run before its next step.")
def pause(ctx: click.Context, /, run_id: str, why: str, **place: Any) -> int:
    return _send(ctx, "pause", run_id, why, Place(**place))


@_signal("resume", "Let a paused run go on.")
def resume(ctx: click.Context, /, run_id: str, why: str, **place: Any) -> int:
    return _send(ctx, "resume", run_id, why, Place(**place))


@runs.command("answer")
@click.argument("run_id", metavar="RUN")
@click.argument("reply", type=click.Choice(("done", "repeat", "skip", "fail")), metavar="done|repeat|skip|fail")
@click.option("--why", metavar="TEXT", default="", help="How you know, for whoever reads the history.")
@ledger_options
@click.pass_context
def answer(ctx: click.Context, /, run_id: str, reply: str, why: str, **place: Any) -> int:
    """Answer what a run asks about a step whose end nobody saw.

    \b
      done     it is done: go on with the next step
      repeat   it is not done: do it
      skip     leave it out and go on
      fail     give up: what was planned to be taken back is taken back
    """
    return _send(ctx, "answer", run_id, why, Place(**place), reply)


def _send(ctx: click.Context, command: str, run_id: str, why: str, place: Place, reply: str | None = None) -> int:
    """Who sends it is who sits here: it must work while no API server answers."""
    from datetime import UTC

    from daytwo.ledger.signals import send_signal
    from daytwo.model.person import Person
    from daytwo.model.run import Command, Reply, RunState
    from daytwo.render.clock import Clock
    from daytwo.render.text_of_runs import now

    world: World = ctx.obj
    with _opened(world, place) as ledger:
        run = send_signal(ledger, run_id, Command(command), Person(machine_user(), "machine"), why, Reply(reply) if reply else None)
    if run.state is RunState.RUNNING:
        show(f"run {run.id} is being worked on by {run.owner}: it is told to {command} before its next step\n")
    else:
        stands = now(run, Clock(world.now(), UTC))
        show(f"run {run.id} is {run.state.value}" + (f": {stands}" if stands != run.state.value else "") + "\n")
        if run.state is RunState.READY:
            program = ctx.find_root().info_name or "daytwo"
            show(f"{program} runs work {run.id}\n")
    return 0


@runs.command("work")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--until-idle", "is_until_idle", is_flag=True, help="Return when nothing is due any more.")
@ledger_options
@target_options
@click.pass_context
def work(ctx: click.Context, /, run_id: str | None, is_until_idle: bool, context: str | None, kubeconfig: str | None, **place: Any) -> int:
    """Work on the runs that are due, in the foreground, until Ctrl-C; or on one run, until it is over or waits for a person.

    With a ledger in PostgreSQL any number of workers may run; after one dies, another takes its runs over within the lease.
    """
    import asyncio

    from daytwo.cli.bench import Bench
    from daytwo.cli.output import Output
    from daytwo.cli.progress import RunLine
    from daytwo.cli.working import doors, finish, interruptible, told_of, worker_of
    from daytwo.ledger.runs import find_run

    world: World = ctx.obj
    given = Place(**place)

    async def go() -> int:
        settings = settings_of(world, given.settings)
        with _opened(world, given) as ledger:
            bench: Bench = Bench(world, settings, ledger, (Output("text"),), ctx.find_root().info_name or "daytwo")
            async with doors(world, settings, context, kubeconfig) as hands_for:
                with worker_of(bench, hands_for) as worker:
                    if run_id is not None:
                        return await finish(bench, worker, find_run(ledger, run_id))
                    with RunLine() as line, interruptible(worker) as interruption:
                        note(f"working on the runs of {ledger.place}; Ctrl-C stops before the next step")
                        await worker.work(lambda news: line.done(told_of(news)), at_once=settings.runs.at_once, until_idle=is_until_idle)
                        return 130 if interruption else 0

    return asyncio.run(go())


@contextmanager
def _opened(world: World, place: Place) -> "Iterator[Ledger]":
    with world.open_ledger(place_of(world, place.ledger, place.settings), PATIENCE) as ledger:
        yield ledger


def _write(path: Any, text: str) -> None:
    if path is not None:
        write_whole(path, text)
    else:
        show(text)
