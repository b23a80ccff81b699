"""`daytwo problem`: one problem whole."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from daytwo.cli.looking import Looking, look_once, view
from daytwo.cli.memory import open_memory
from daytwo.cli.options import (
    filter_options,
    ledger_options,
    output_option,
    path_argument,
    scope_options,
    standard_options,
    target_options,
    timezone_option,
)
from daytwo.cli.output import Output, is_coloured, parse_outputs, show, width, write_whole
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from daytwo.model.problem import Problem
    from daytwo.model.report import Report
    from daytwo.render.view import View

FORMATS: Final = ("text", "json", "markdown")


@click.command()
@click.argument("which", metavar="NUMBER|ID")
@path_argument
@target_options
@scope_options
@filter_options
@standard_options
@ledger_options
@output_option(*FORMATS)
@timezone_option
@click.pass_context
def problem(
    ctx: click.Context,
    /,
    which: str,
    outputs: tuple[str, ...],
    timezone: str | None,
    ledger: str | None,
    settings: str | None,
    **target: object,
) -> None:
    """One problem whole: how we know, what happened when, what it touches, what to do.

    NUMBER is the one that `daytwo review` shows with the same flags; it may move when the cluster does. ID stays.
    """
    looking = Looking(**target)  # type: ignore[arg-type]  # click hands over exactly the fields of Looking
    wanted = parse_outputs(outputs, FORMATS)
    memory = open_memory(ctx.obj, ledger, settings, is_written=False) if looking.input(ctx.obj) is None else None
    look = look_once(ctx.obj, looking, memory)
    chosen = _chosen(look.report, which)
    told = view(look, looking, timezone=timezone, program=ctx.find_root().info_name or "daytwo")
    for output in wanted:
        text = _rendered(look.report, chosen, told, output)
        if output.path is not None:
            write_whole(output.path, text)
        else:
            show(text)


def _chosen(report: "Report", which: str) -> "Problem":
    """By number, or by id or the beginning of one."""
    problems = report.problems
    by_id = [problem for problem in problems if problem.id == which]
    if not by_id and which.isdigit() and len(which) < 6:
        if 1 <= int(which) <= len(problems):
            return problems[int(which) - 1]
        found = f"this look found {len(problems)}" if problems else "this look found none"
        raise UsageError(f"there is no problem {which}; {found}")
    by_id = by_id or [problem for problem in problems if len(which) >= 4 and problem.id.startswith(which)]
    if len(by_id) != 1:
        many = "several problems have ids that begin with" if by_id else "there is no problem"
        raise UsageError(f'{many} "{which}"; write its number or the id that `daytwo problem NUMBER` shows (it may be gone by now)')
    return by_id[0]


def _rendered(report: "Report", chosen: "Problem", view: "View", output: Output) -> str:
    if output.format == "json":
        from daytwo.render import json

        return json.problem(report, chosen, view)
    if output.format == "markdown":
        from daytwo.render import markdown

        return markdown.problem(report, chosen, view)
    from daytwo.render import text

    if output.path is None:
        view = replace(view, width=width(), is_coloured=is_coloured())
    return text.problem(report, chosen, view)
