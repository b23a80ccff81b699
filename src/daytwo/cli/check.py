"""`daytwo check`: every finding, without horizons."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from daytwo.cli.looking import Look, Looking, has_failed_reads, look_once, note, view
from daytwo.cli.options import (
    SEVERITIES,
    comparing_options,
    filter_options,
    output_option,
    path_argument,
    rendering_options,
    scope_options,
    standard_options,
    target_options,
    timezone_option,
)
from daytwo.cli.output import Output, is_coloured, parse_outputs, show, width, write_whole
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from daytwo.model.report import Report
    from daytwo.render.view import View

FORMATS: Final = ("text", "json", "markdown", "html", "sarif", "junit", "github")


@click.command()
@path_argument
@target_options
@scope_options
@filter_options
@rendering_options
@standard_options
@click.option("--by", type=click.Choice(("object", "check")), default="object", metavar="object|check", help="How findings are grouped.")
@comparing_options("PATH", "Compare with an earlier recording or tree of manifests.")
@click.option(
    "--fail-on",
    type=click.Choice((*SEVERITIES, "none")),
    default="high",
    metavar="SEVERITY",
    help="Exit 1 if a finding is this bad or worse; high without it; none never does.",
)
@click.option("--fix", "is_fixing", is_flag=True, help="Show what can be mended in your files, and write it on yes.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Of --fix: show it, and stop.")
@click.option("-y", "--yes", "is_yes", is_flag=True, help="Of --fix: write without asking.")
@click.option("--out", metavar="FOLDER", type=click.Path(), help="Of --fix: where a patch of rendered input is written.")
@click.option("--all", "is_all", is_flag=True, help="Every check and kind that lists would cut short.")
@output_option(*FORMATS)
@timezone_option
@click.pass_context
def check(
    ctx: click.Context,
    /,
    by: str,
    new_only: bool,
    fail_on: str,
    is_fixing: bool,
    is_dry_run: bool,
    is_yes: bool,
    out: str | None,
    is_all: bool,
    outputs: tuple[str, ...],
    timezone: str | None,
    **target: object,
) -> int:
    """Every finding of every check: is this fit for production?

    PATH is a recording, or manifests: files, folders, a Helm chart, a Kustomize folder, - for standard input, what
    `kubectl get -o json` wrote. Without one, the cluster. Findings in files have file:line:column.

    \b
    Exit codes: 0 no finding at or above --fail-on · 1 there is one ·
    3 none, but something could not be read
    """
    looking = Looking(**target)  # type: ignore[arg-type]  # click hands over exactly the fields of Looking
    wanted = parse_outputs(outputs, FORMATS)
    if new_only and looking.since is None:
        raise UsageError("--new-only needs something to compare with: --since OLD.recording, or --since ./old/")
    if (is_dry_run or is_yes or out) and not is_fixing:
        raise UsageError("--dry-run, --yes and --out say how to --fix; add it")
    program = ctx.find_root().info_name or "daytwo"
    if is_fixing:
        from daytwo.cli.fixing import files_to_mend

        # Before a whole cluster is looked at for nothing.
        files_to_mend(ctx.obj, looking)
    look = look_once(ctx.obj, looking, is_joined=False)
    if is_fixing:
        from daytwo.cli.fixing import Fixing, fixed

        fixing = Fixing(is_yes=is_yes, is_dry_run=is_dry_run, out=Path(out) if out else None)
        look = fixed(ctx.obj, looking, look, fixing, program=program, is_all=is_all)
    report = _only_new(look) if new_only else look.report
    told = view(look, looking, timezone=timezone, program=program, is_all=is_all, new_only=new_only)
    if is_fixing:
        # What could be mended was offered.
        told = replace(told, paths="")
    for output in wanted:
        text = _rendered(report, told, by, output)
        if output.path is not None:
            write_whole(output.path, text)
        else:
            show(text)
    return _exit_code(report, fail_on)


def _only_new(look: Look) -> "Report":
    from msgspec.structs import replace as changed

    new = look.new_findings or frozenset()
    return changed(look.report, findings=tuple(finding for finding in look.report.findings if finding.fingerprint in new))


def _rendered(report: "Report", view: "View", by: str, output: Output) -> str:
    if output.format == "text":
        from daytwo.render import text_of_findings

        if output.path is None:
            view = replace(view, width=width(), is_coloured=is_coloured())
        return text_of_findings.check(report, view, by=by)
    return _RENDERERS[output.format](report, view, by)


def _json(report: "Report", view: "View", by: str) -> str:
    from daytwo.render import json

    return json.check(report, view)


def _markdown(report: "Report", view: "View", by: str) -> str:
    from daytwo.render import markdown

    return markdown.check(report, view, by=by)


def _html(report: "Report", view: "View", by: str) -> str:
    from daytwo.render import html

    return html.check(report, view)


def _sarif(report: "Report", view: "View", by: str) -> str:
    from daytwo.render import sarif

    left_out = sarif.left_out(report)
    if left_out:
        note(f"{left_out:,} findings stand in no file, or are more than SARIF is accepted with: they are not in it")
    return sarif.check(report)


def _junit(report: "Report", view: "View", by: str) -> str:
    from daytwo.render import junit

    return junit.check(report)


def _github(report: "Report", view: "View", by: str) -> str:
    from daytwo.render import github

    return github.check(report)


_RENDERERS: Final[dict[str, Callable[["Report", "View", str], str]]] = {
    "json": _json,
    "markdown": _markdown,
    "html": _html,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
}


def _exit_code(report: "Report", fail_on: str) -> int:
    from daytwo.model.severity import Severity, Verdict

    if fail_on != "none":
        worst = Severity(fail_on)
        if any(finding.verdict is Verdict.FAIL and finding.severity.at_least(worst) for finding in report.findings):
            return 1
    return 3 if has_failed_reads(report) else 0
