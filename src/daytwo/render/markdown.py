"""A report as Markdown, to be pasted into a ticket or a chat."""

import re
from collections.abc import Sequence
from typing import Final

from daytwo.model.command import Command
from daytwo.model.finding import Finding
from daytwo.model.problem import Problem
from daytwo.model.report import Report
from daytwo.model.severity import Horizon, Verdict
from daytwo.render import telling
from daytwo.render.clock import Clock
from daytwo.render.text import header
from daytwo.render.view import View
from daytwo.render.visible import visible
from daytwo.render.words import counted, listed

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]#|~!])")


def review(report: Report, view: View) -> str:
    """TODAY in full, THIS WEEK as a table, hygiene as counts (with `is_all` as a table), and what could not be read."""
    clock, numbers = view.clock(report), telling.numbered(report)
    parts = [f"# {_text(report.title)}", _header(report, view)]
    today = telling.of_horizon(report, Horizon.TODAY, view)
    parts.append(f"## Today: {len(today):,}")
    if not today:
        parts.append(_text(telling.nothing_today(report, view)))
    shown = today[: view.most(Horizon.TODAY)]
    parts += [_whole(report, problem, numbers[problem.id], clock) for problem in shown]
    parts += _more(today, shown)
    for horizon, name in ((Horizon.WEEK, "This week"), (Horizon.HYGIENE, "Hygiene")):
        problems = telling.of_horizon(report, horizon, view)
        parts.append(f"## {name}: {len(problems):,}")
        shown = problems[: view.most(horizon)]
        if shown:
            parts.append(_table(report, shown, numbers, clock))
            parts += _more(problems, shown)
        elif problems:
            parts.append(" · ".join(f"{heading} {count:,}" for heading, count in telling.by_heading(problems).items()))
    for name, before in (("Gone", report.gone), ("Maybe gone", report.unknown)):
        if before and not view.new_only:
            rows = "\n".join(f"- {_text(problem.subject)}: {_text(telling.plain_title(problem))}" for problem in before)
            parts += [f"## {name}: {len(before):,}", rows]
    return "\n\n".join([*parts, *_gaps(report)]) + "\n"


def problem(report: Report, chosen: Problem, view: View) -> str:
    """One problem whole."""
    clock, number = view.clock(report), telling.numbered(report)[chosen.id]
    parts = [
        f"# {number}. {_text(chosen.subject)}: {_text(telling.title(chosen, clock))}",
        f"{chosen.severity.upper()} · {chosen.horizon} ({_text(chosen.why_horizon)}) · id {chosen.id}",
        _header(report, view),
    ]
    remembered = telling.remembered(report, chosen, clock)
    if remembered:
        parts.append(f"Remembered: {_text(remembered)}")
    if chosen.know:
        parts += ["## How we know", "\n".join(f"- {_text(clock.evidence(fact))}" for fact in chosen.know)]
    if chosen.change is not None:
        parts += ["## What changed just before", _text(telling.change(chosen.change, clock))]
    if chosen.logs:
        parts += ["## Last lines of the log", _block("\n".join(visible(row) for row in chosen.logs), "text")]
    if chosen.timeline:
        rows = [(clock.time(fact.at, seconds=True) if fact.at else "", fact.text) for fact in chosen.timeline]
        parts += ["## Timeline", _rows(("At", "What"), rows)]
    if chosen.affected:
        head = ("Workload", "Ready", "Exposure", "Pods", "Nodes", "Zones")
        touched = [
            (str(one.workload), f"{one.ready:,} of {one.wanted:,}", one.exposure, listed(one.pods), listed(one.nodes), listed(one.zones))
            for one in chosen.affected
        ]
        parts += ["## Affected", _rows(head, touched)]
    parts += ["## Next", *_next(chosen)]
    return "\n\n".join(parts) + "\n"


def check(report: Report, view: View, *, by: str = "object") -> str:
    """Every finding, one table for each object or check."""
    clock = view.clock(report)
    findings = telling.sorted_findings(report.findings)
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.verdict is Verdict.FAIL:
            groups.setdefault(finding.check if by == "check" else str(finding.owner), []).append(finding)
    parts = [f"# {_text(report.title)}", _header(report, view)]
    if view.nothing_asked:
        parts.append(f"Nothing was asked: {_text(view.nothing_asked)}.")
    elif view.new_only and view.since:
        parts.append(f"Only what is new since {_text(view.since)}.")
    for name, members in groups.items():
        rows = [
            (one.severity.upper(), str(one.owner) if by == "check" else one.check, _seen_at(one), telling.message(one, clock))
            for one in members
        ]
        parts += [f"## {_text(name)}", _rows(("Severity", "Object" if by == "check" else "Check", "Seen at", "Finding"), rows)]
    unknown = [one for one in findings if one.verdict is Verdict.UNKNOWN]
    if report.exempt:
        accepted = [
            (one.check, str(one.owner), one.exemption.reason, one.exemption.owner, str(one.exemption.expires or "no end"))
            for one in telling.sorted_findings(report.exempt)
            if one.exemption is not None
        ]
        parts += [f"## Exempt: {len(accepted):,}", _rows(("Check", "Object", "Why", "Who", "Until"), accepted)]
    if unknown:
        parts += [f"## Unknown: {len(unknown):,}", _rows(("Check", "Why"), [(one.check, telling.plain_message(one)) for one in unknown])]
    return "\n\n".join([*parts, *_gaps(report)]) + "\n"


def _seen_at(finding: Finding) -> str:
    return str(finding.place) if finding.place is not None else finding.subject.short


def _header(report: Report, view: View) -> str:
    told = "".join(span.text for span in header(report, view).spans)
    return _text(told.removeprefix(visible(report.title)).removeprefix(" · "))


def _whole(report: Report, chosen: Problem, number: int, clock: Clock) -> str:
    mark = report.marks.get(chosen.id)
    parts = [
        f"### {number}. {chosen.severity.upper()} {_text(chosen.subject)}{f' ({mark})' if mark else ''}",
        _text(telling.title(chosen, clock)),
    ]
    known = telling.know(chosen, clock)
    if known:
        parts.append(f"We know: {_text(known)}")
    remembered = telling.remembered(report, chosen, clock)
    if remembered:
        parts.append(f"Remembered: {_text(remembered)}")
    return "\n\n".join([*parts, *_next(chosen)])


def _next(chosen: Problem) -> list[str]:
    steps = (("Confirm", chosen.next.confirm), ("Repair", chosen.next.repair))
    parts = [f"{label}:\n\n{_command(command)}" for label, command in steps if command is not None]
    return [*parts, _text(chosen.next.note)] if chosen.next.note else parts


def _table(report: Report, problems: list[Problem], numbers: dict[str, int], clock: Clock) -> str:
    rows = []
    for one in problems:
        mark = f"{report.marks[one.id]} · " if one.id in report.marks else ""
        told = " · ".join(filter(None, (telling.title(one, clock), telling.remembered(report, one, clock))))
        rows.append((str(numbers[one.id]), one.severity.upper(), one.subject, mark + told))
    return _rows(("#", "Severity", "What", "Problem"), rows)


def _more(problems: list[Problem], shown: list[Problem]) -> list[str]:
    return [f"and {len(problems) - len(shown):,} more: `--all`"] if len(shown) < len(problems) else []


def _gaps(report: Report) -> list[str]:
    rows = [f"- {_text(one.text)}" + (f" → {counted(one.checks, 'check')} unknown" if one.checks else "") for one in telling.gaps(report)]
    if not rows:
        return []
    return [f"## Could not look: {len(report.gaps):,}", "\n".join(rows)]


def _rows(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *(tuple(_text(cell) for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _command(command: Command) -> str:
    return _block(visible(str(command)), "sh")


def _block(text: str, language: str) -> str:
    """A fence longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _text(text: str) -> str:
    """Text from a cluster shows as it is: neither markup nor HTML."""
    return _SPECIAL.sub(r"\\\1", visible(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
