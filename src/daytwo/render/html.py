"""A report as one HTML file that needs nothing else, on a screen or on paper."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from daytwo.model.finding import Finding
from daytwo.model.ref import Ref
from daytwo.model.report import Report
from daytwo.model.severity import Severity, Verdict
from daytwo.render import telling
from daytwo.render.text import header
from daytwo.render.view import View
from daytwo.render.visible import visible
from daytwo.render.words import counted

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES: Final = Path(__file__).parent / "templates"


class _Row(msgspec.Struct, frozen=True):
    severity: str
    message: str
    fix: str
    place: str
    check: str
    times: int
    lapsed: str


class _Group(msgspec.Struct, frozen=True):
    owner: Ref
    rows: tuple[_Row, ...]


def check(report: Report, view: View) -> str:
    """Every finding by object, worst first; what is exempt; what could not be told and why."""
    failed = [finding for finding in telling.sorted_findings(report.findings) if finding.verdict is Verdict.FAIL]
    unknown: dict[str, list[str]] = {}
    for finding in telling.sorted_findings(report.findings):
        if finding.verdict is Verdict.UNKNOWN:
            names = unknown.setdefault(str(finding.gap), [])
            if finding.check not in names:
                names.append(finding.check)
    counts = [(severity, sum(finding.severity is severity for finding in failed)) for severity in Severity]
    return (
        _environment()
        .get_template("check.html")
        .render(
            report=report,
            count=counted(len(failed), "finding"),
            header="".join(span.text for span in header(report, view).spans).removeprefix(visible(report.title)).removeprefix(" · "),
            counts=[(level, number) for level, number in (*counts, ("unknown", sum(map(len, unknown.values())))) if number],
            groups=_groups(report, failed, view),
            exempt=telling.sorted_findings(report.exempt),
            unknown=sorted(unknown.items(), key=lambda item: -len(item[1])),
            nothing=_nothing(report, view, is_hidden=bool(unknown)),
        )
    )


def _nothing(report: Report, view: View, *, is_hidden: bool) -> str:
    if view.nothing_asked:
        return f"Nothing was asked: {view.nothing_asked}."
    new = "new " if view.new_only else ""
    since = f" since {view.since}" if view.new_only and view.since else ""
    return f"Nothing {new}was found{since} in {telling.seen(report)}" + (", but not everything could be told." if is_hidden else ".")


def _groups(report: Report, failed: list[Finding], view: View) -> list[_Group]:
    clock = view.clock(report)
    by_owner: dict[Ref, dict[tuple[str, object], list[Finding]]] = {}
    for finding in failed:
        by_owner.setdefault(finding.owner, {}).setdefault((finding.fingerprint, finding.origin), []).append(finding)
    groups = []
    for owner, alike in by_owner.items():
        rows = tuple(
            _Row(
                severity=str(found[0].severity),
                message=telling.message(found[0], clock),
                fix=found[0].hit.fix,
                place=str(found[0].place or ""),
                check=found[0].check,
                times=len(found),
                lapsed=f"exempt until {found[0].lapsed.expires}, which is over" if found[0].lapsed is not None else "",
            )
            for found in alike.values()
        )
        groups.append(_Group(owner, rows))
    return groups


def _shown(value: object) -> object:
    """Whatever a template prints that comes from a cluster or a file: with its control characters visible."""
    return visible(value) if type(value) is str else value


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_shown)
    # Our own file; nothing from a cluster stands in it.
    environment.globals["css"] = Markup((TEMPLATES / "page.css").read_text(encoding="utf-8"))
    return environment
