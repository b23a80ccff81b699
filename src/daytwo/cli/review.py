"""`daytwo review`: what needs attention today."""

import re
from typing import TYPE_CHECKING, Final

import click

from daytwo.cli.looking import Look, Looking, has_failed_reads, note, opened, view, zone
from daytwo.cli.memory import open_memory
from daytwo.cli.options import (
    SEVERITIES,
    comparing_options,
    filter_options,
    ledger_options,
    output_option,
    path_argument,
    scope_options,
    standard_options,
    target_options,
    timezone_option,
)
from daytwo.cli.output import Output, height, is_coloured, parse_outputs, show, width, write_whole
from daytwo.cli.progress import ProgressLine
from daytwo.cli.when import parse_past
from daytwo.cli.world import World
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from daytwo.render.view import View

FORMATS: Final = ("text", "json", "markdown", "prometheus")


@click.command()
@path_argument
@target_options
@scope_options
@filter_options
@standard_options
@click.option("--all", "is_all", is_flag=True, help="Every problem, also those of hygiene, and everything that could not be read.")
@comparing_options(
    "WHEN|OLD.recording", "Compare with the look of that time: yesterday, 24h, 7d or RFC 3339, by the ledger; or with a recording."
)
@ledger_options
@click.option(
    "--fail-on",
    type=click.Choice((*SEVERITIES, "none")),
    metavar="SEVERITY",
    help="Exit 1 only if TODAY has one this bad or worse; none: never.",
)
@click.option("--watch", metavar="EVERY", help="Look again after this long, such as 30s or 2m, until Ctrl-C.")
@output_option(*FORMATS)
@timezone_option
@click.pass_context
def review(
    ctx: click.Context,
    /,
    is_all: bool,
    new_only: bool,
    fail_on: str | None,
    watch: str | None,
    outputs: tuple[str, ...],
    timezone: str | None,
    ledger: str | None,
    settings: str | None,
    **target: object,
) -> int:
    """What needs attention today, this week, and how we know.

    TODAY is what hurts users now or will within 24 hours; THIS WEEK is one ordinary event (a node drain, a deploy, a date)
    from hurt; HYGIENE is the rest. Each problem is one cause with everything it owns. `daytwo problem 1` shows one whole.

    A look at a cluster is remembered in the ledger, so each problem knows since when and how often it was seen.

    \b
    Exit codes: 0 nothing under TODAY · 1 something is ·
    3 nothing is, but something could not be read
    """
    import asyncio

    world: World = ctx.obj
    looking = Looking(**target)  # type: ignore[arg-type]  # click hands over exactly the fields of Looking
    wanted = parse_outputs(outputs, FORMATS)
    if new_only and looking.since is None:
        raise UsageError("--new-only needs something to compare with: --since yesterday, or --since OLD.recording")
    past = parse_past(looking.since, zone(timezone)) if looking.since is not None else None
    if past is not None and looking.input(world) is not None:
        raise UsageError(
            f"--since {looking.since}: a recording is compared with another recording; a time compares a cluster with the ledger"
        )
    memory = open_memory(world, ledger, settings, past, is_written=True) if looking.input(world) is None else None
    every = _seconds(watch) if watch is not None else None
    if every is not None and looking.input(world) is not None:
        raise UsageError("--watch looks at a cluster again and again; a recording does not change")
    program = ctx.find_root().info_name or "daytwo"

    def told(look: Look) -> "View":
        return view(look, looking, timezone=timezone, program=program, is_all=is_all, new_only=new_only)

    async def go() -> int:
        async with opened(world, looking, memory) as look_again:
            look = await look_again(ProgressLine())
            write(look, told(look), wanted, is_redrawn=every is not None)
            while every is not None:
                await asyncio.sleep(every)
                try:
                    look = await look_again(ProgressLine(is_wanted=False))
                except UsageError as error:
                    note(f"{error}; what you see is older now; looking again in {watch}")
                else:
                    write(look, told(look), wanted, is_redrawn=True)
            return _exit_code(look, new_only, fail_on)

    return asyncio.run(go())


def write(look: Look, view: "View", outputs: tuple[Output, ...], *, is_redrawn: bool = False) -> None:
    for output in outputs:
        text = _rendered(look, view, output)
        if output.path is not None:
            write_whole(output.path, text)
        else:
            show(_redrawn(text) if is_redrawn else text)


def _rendered(look: Look, view: "View", output: Output) -> str:
    from dataclasses import replace

    if output.format == "json":
        from daytwo.render import json

        return json.review(look.report, view)
    if output.format == "markdown":
        from daytwo.render import markdown

        return markdown.review(look.report, view)
    if output.format == "prometheus":
        from daytwo.render import prometheus

        return prometheus.review(look.report, view)
    from daytwo.render import text

    if output.path is None:
        view = replace(view, width=width(), is_coloured=is_coloured())
    return text.review(look.report, view)


def _redrawn(text: str) -> str:
    """On a terminal the screen is drawn anew, cut to its height; elsewhere each look follows the last after an empty line."""
    rows = height()
    if rows is None:
        return f"{text}\n"
    lines = text.splitlines()
    if len(lines) >= rows:
        hidden = len(lines) - rows + 2
        lines = [*lines[: rows - 2], f"… {hidden} more lines: make the window taller, or run without --watch"]
    return "\x1b[H\x1b[2J\x1b[3J" + "\n".join(lines) + "\n"


def _exit_code(look: Look, new_only: bool, fail_on: str | None) -> int:
    from daytwo.model.report import Mark
    from daytwo.model.severity import Horizon, Severity

    today = [problem for problem in look.report.problems if problem.horizon is Horizon.TODAY]
    if new_only:
        today = [problem for problem in today if look.report.marks.get(problem.id) is Mark.NEW]
    if fail_on == "none":
        today = []
    elif fail_on is not None:
        today = [problem for problem in today if problem.severity.at_least(Severity(fail_on))]
    if today:
        return 1
    return 3 if has_failed_reads(look.report) else 0


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h)", text)
    if found is None:
        unit = "has no unit" if re.fullmatch(r"\d+(\.\d+)?", text) else "is no duration"
        raise UsageError(f'--watch: "{text}" {unit}; write one such as 30s or 2m')
    seconds = float(found.group(1)) * {"s": 1, "m": 60, "h": 3600}[found.group(2)]
    if not 1 <= seconds <= 86400:
        raise UsageError(f'--watch: "{text}" is out of reach; write something between 1s and 24h')
    return seconds
