"""Every finding as a page of text: by object or by check, alike ones once, unknown ones last."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from daytwo.model.finding import Finding
from daytwo.model.ref import Ref
from daytwo.model.report import Report
from daytwo.model.severity import Severity, Verdict
from daytwo.render import telling
from daytwo.render.clock import Clock
from daytwo.render.page import SEVERITY_STYLE, Line, Span, Style, lay_out, line, padded
from daytwo.render.text import could_not_look, header
from daytwo.render.view import View
from daytwo.render.words import counted, listed

_MOST_SUBJECTS = 3
_ROW = 12


def check(report: Report, view: View, *, by: str = "object") -> str:
    """Grouped `by` object or check; the worst group first."""
    clock = view.clock(report)
    failed = [finding for finding in telling.sorted_findings(report.findings) if finding.verdict is Verdict.FAIL]
    lines = [header(report, view), Line(), _summary(report, failed, view), Line()]
    lines += _by_check(failed, clock) if by == "check" else _by_object(failed, clock)
    lines += _unknown(report)
    lines += _counts(report)
    lines += could_not_look(report, view)
    return lay_out(lines, width=view.width, is_coloured=view.is_coloured)


def _summary(report: Report, failed: list[Finding], view: View) -> Line:
    unknown = sum(finding.verdict is Verdict.UNKNOWN for finding in report.findings)
    hidden = Span(f" · {unknown:,} unknown", Style.UNKNOWN) if unknown else ""
    new = "new " if view.new_only else ""
    if not failed:
        return line(Span(f"NO {new.upper()}FINDINGS", Style.STRONG), f" in {telling.seen(report)}", hidden)
    counts = [(severity, sum(finding.severity is severity for finding in failed)) for severity in Severity]
    parts: list[Span | str] = [Span(counted(len(failed), f"{new}finding").upper(), Style.STRONG)]
    for severity, number in counts:
        if number:
            parts += ["  " if len(parts) == 1 else " · ", Span(f"{severity} {number:,}", SEVERITY_STYLE[severity])]
    return line(*parts, hidden, hang=2)


def _by_object(failed: list[Finding], clock: Clock) -> list[Line]:
    lines: list[Line] = []
    for owner, findings in _grouped(failed, lambda finding: finding.owner):
        lines.append(line(Span(owner.short, Style.STRONG), Span(f" ({owner.kind})" if owner.namespace else "", Style.FAINT)))
        for alike in _alike(findings):
            first = alike[0]
            lines.append(_row(first, Span(f"{first.check}  ", Style.FAINT), clock, alike))
        lines.append(Line())
    return lines


def _by_check(failed: list[Finding], clock: Clock) -> list[Line]:
    lines: list[Line] = []
    for name, findings in _grouped(failed, lambda finding: finding.check):
        lines.append(line(Span(name, Style.STRONG), Span(f"  {len(findings):,}", Style.FAINT)))
        lines += [_row(alike[0], Span(f"{alike[0].owner.short}  "), clock, alike) for alike in _alike(findings)]
        lines.append(Line())
    return lines


def _row(finding: Finding, label: Span, clock: Clock, alike: list[Finding]) -> Line:
    times = f"  ×{len(alike):,}" if len(alike) > 1 else ""
    # An event's own name says nothing to anybody.
    members = list(dict.fromkeys(each.subject.name for each in alike if each.subject != each.owner and each.subject.kind != "Event"))
    who = f"  ({finding.subject.kind.lower()} {listed(members, _MOST_SUBJECTS)})" if members else ""
    return line(
        "  ",
        Span(f"{finding.severity.upper():8}  ", SEVERITY_STYLE[finding.severity]),
        label,
        telling.message(finding, clock),
        Span(times, Style.STRONG),
        Span(who, Style.FAINT),
        hang=_ROW,
    )


def _unknown(report: Report) -> list[Line]:
    unknown = [finding for finding in telling.sorted_findings(report.findings) if finding.verdict is Verdict.UNKNOWN]
    if not unknown:
        return []
    width = max(len(finding.check) for finding in unknown)
    rows = [line(f"  {padded(finding.check, width)}  ", telling.plain_message(finding), hang=width + 4) for finding in unknown]
    return [line(Span(f"UNKNOWN  {len(unknown):,}", Style.UNKNOWN)), *rows, Line()]


def _counts(report: Report) -> list[Line]:
    """How often each check failed and could not tell."""
    names = sorted({finding.check for finding in report.findings})
    if not names:
        return []
    width = max(len(name) for name in names)
    lines = [line(Span(f"{padded('CHECK', width)}   fail  unknown", Style.FAINT))]
    for name in names:
        mine = [finding.verdict for finding in report.findings if finding.check == name]
        fails, unknowns = mine.count(Verdict.FAIL), mine.count(Verdict.UNKNOWN)
        style = Style.UNKNOWN if unknowns else Style.PLAIN
        lines.append(line(f"{padded(name, width)}  {fails or '–':>5}  ", Span(f"{unknowns or '–':>7}", style)))
    return [*lines, Line()]


K = TypeVar("K", Ref, str)


def _grouped(findings: Iterable[Finding], key: Callable[[Finding], K]) -> list[tuple[K, list[Finding]]]:
    groups: dict[K, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(key(finding), []).append(finding)
    return sorted(groups.items(), key=lambda item: (min(one.severity.rank for one in item[1]), -len(item[1]), str(item[0])))


def _alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of one fingerprint and one statement are told once."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.fingerprint, []).append(finding)
    return list(groups.values())
