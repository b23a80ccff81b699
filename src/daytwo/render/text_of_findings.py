"""Every finding as a page of text: by object or by check, alike ones once; then what is accepted, and what could not be told."""

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from daytwo.model.exemption import Exemption
from daytwo.model.finding import Finding
from daytwo.model.gap import Gap
from daytwo.model.ref import Ref
from daytwo.model.report import Report
from daytwo.model.severity import Severity, Verdict
from daytwo.render import telling
from daytwo.render.clock import Clock
from daytwo.render.page import SEVERITY_STYLE, Line, Span, Style, lay_out, line
from daytwo.render.text import could_not_look, header
from daytwo.render.view import View
from daytwo.render.words import counted, listed

_MOST_SUBJECTS: Final = 3
_MOST_CHECKS: Final = 4
_MOST_KINDS: Final = 6
_ROW: Final = 12
_ONE_OF_ONE: Final = re.compile(r"(\S+) (not)?in \(([^,()]*)\)")


def check(report: Report, view: View, *, by: str = "object") -> str:
    """Grouped `by` object or check; the worst group first."""
    clock = view.clock(report)
    failed = [finding for finding in telling.sorted_findings(report.findings) if finding.verdict is Verdict.FAIL]
    lines = [header(report, view), *_notes(report), Line(), _summary(report, failed, view), Line()]
    lines += _by_check(failed, clock) if by == "check" else _by_object(failed, clock)
    lines += _accepted(report)
    lines += _unknown(report, view)
    lines += _not_among_files(report, view)
    lines += could_not_look(report, view)
    lines += _next(report, failed, view)
    while lines and not lines[-1].spans:
        lines.pop()
    return lay_out(lines, width=view.width, is_coloured=view.is_coloured)


def _notes(report: Report) -> list[Line]:
    return [line("  ", Span(note, Style.FAINT), hang=4) for note in report.notes]


def _summary(report: Report, failed: list[Finding], view: View) -> Line:
    unknown = sum(finding.verdict is Verdict.UNKNOWN for finding in report.findings)
    hidden = Span(f" · {unknown:,} unknown", Style.UNKNOWN) if unknown else ""
    exempt = f" · {len(report.exempt):,} exempt" if report.exempt else ""
    new = "new " if view.new_only else ""
    since = f" since {view.since}" if view.new_only and view.since else ""
    if view.nothing_asked:
        return line(Span("NOTHING WAS ASKED", Style.STRONG), f"  {view.nothing_asked}", exempt, hidden, hang=2)
    if not failed:
        return line(Span(f"NO {new.upper()}FINDINGS", Style.STRONG), f"{since} in {telling.seen(report)}", exempt, hidden)
    counts = [(severity, sum(finding.severity is severity for finding in failed)) for severity in Severity]
    parts: list[Span | str] = [Span(counted(len(failed), f"{new}finding").upper(), Style.STRONG), since]
    for severity, number in counts:
        if number:
            parts += ["  " if len(parts) == 2 else " · ", Span(f"{severity} {number:,}", SEVERITY_STYLE[severity])]
    return line(*parts, exempt, hidden, hang=2)


def _by_object(failed: list[Finding], clock: Clock) -> list[Line]:
    lines: list[Line] = []
    for owner, findings in _grouped(failed, lambda finding: finding.owner):
        lines.append(line(Span(owner.short, Style.STRONG), Span(f" ({owner.kind})" if owner.namespace else "", Style.FAINT)))
        for alike in _alike(findings):
            lines += _rows(alike, Span(f"{alike[0].check}  ", Style.FAINT), clock)
        lines.append(Line())
    return lines


def _by_check(failed: list[Finding], clock: Clock) -> list[Line]:
    lines: list[Line] = []
    for name, findings in _grouped(failed, lambda finding: finding.check):
        lines.append(line(Span(name, Style.STRONG), Span(f"  {len(findings):,}", Style.FAINT)))
        for alike in _alike(findings):
            lines += _rows(alike, Span(f"{alike[0].owner.short}  "), clock)
        lines.append(Line())
    return lines


def _rows(alike: list[Finding], label: Span, clock: Clock) -> list[Line]:
    """The statement; of what stands in a file, below it where, and what to write instead."""
    finding = alike[0]
    times = f"  ×{len(alike):,}" if len(alike) > 1 else ""
    # An event's own name says nothing to anybody.
    members = list(dict.fromkeys(each.subject.name for each in alike if each.subject != each.owner and each.subject.kind != "Event"))
    who = f"  ({finding.subject.kind.lower()} {listed(members, _MOST_SUBJECTS)})" if members else ""
    rows = [
        line(
            "  ",
            Span(f"{finding.severity.upper():8}  ", SEVERITY_STYLE[finding.severity]),
            label,
            telling.message(finding, clock),
            Span(times, Style.STRONG),
            Span(who, Style.FAINT),
            Span(_lapsed(finding), Style.MEDIUM),
            hang=_ROW,
        )
    ]
    if finding.place is not None:
        template = f" ({finding.place.template})" if finding.place.template else ""
        fix = f"  {finding.hit.fix}" if finding.hit.fix else ""
        rows.append(line(" " * _ROW, Span(f"{finding.place}{template}", Style.FAINT), fix, hang=_ROW))
    return rows


def _lapsed(finding: Finding) -> str:
    if finding.lapsed is None:
        return ""
    ticket = f", {finding.lapsed.ticket}" if finding.lapsed.ticket else ""
    return f"  (its exemption ended on {finding.lapsed.expires}: {finding.lapsed.owner}{ticket})"


def _accepted(report: Report) -> list[Line]:
    """Exemptions at work, each with its reason, and those that meet nothing any more."""
    lines: list[Line] = []
    if report.exempt:
        lines.append(line(Span(f"EXEMPT  {len(report.exempt):,}", Style.STRONG)))
        for finding in telling.sorted_findings(report.exempt):
            exemption = finding.exemption
            if exemption is None:
                continue
            until = f", until {exemption.expires}" if exemption.expires else ""
            ticket = f", {exemption.ticket}" if exemption.ticket else ""
            why = Span(f"  {exemption.reason} ({exemption.owner}{ticket}{until})", Style.FAINT)
            lines.append(line(f"  {finding.owner.short}  {finding.check}", why, hang=4))
        lines.append(Line())
    if report.unused:
        lines.append(line(Span(f"UNUSED EXEMPTIONS  {len(report.unused):,}", Style.STRONG), Span("  nothing fails for them: remove them")))
        lines += [line(f"  {one.place}  {one.check}{_meant(one)}", Span(f"  {one.reason}", Style.FAINT), hang=4) for one in report.unused]
        lines.append(Line())
    return lines


def _meant(exemption: Exemption) -> str:
    """Whom an entry names, in its own words: ` (kind Deployment, namespace shop)`; nothing where it is for all."""
    fields = ("kind", "namespace", "name", "selector", "item")
    given = [f"{name} {value}" for name in fields if (value := str(getattr(exemption, name) or ""))]
    # As people write them: `app=web`, not `app in (web)`.
    given = [_ONE_OF_ONE.sub(lambda found: f"{found[1]}{'!=' if found[2] else '='}{found[3]}", one) for one in given]
    return f" ({', '.join(given)})" if given else ""


def _unknown(report: Report, view: View) -> list[Line]:
    """By what hides it: one gap may leave a hundred checks without an answer."""
    unknown = [one for one in telling.sorted_findings(report.findings) if one.verdict is Verdict.UNKNOWN and not _is_of_files(one)]
    if not unknown:
        return []
    lines = [line(Span(f"UNKNOWN  {len(unknown):,}", Style.UNKNOWN))]
    by_gap: dict[Gap | None, list[Finding]] = {}
    for finding in unknown:
        by_gap.setdefault(finding.gap, []).append(finding)
    for findings in by_gap.values():
        names = list(dict.fromkeys(finding.check for finding in findings))
        who = listed(names, 0 if view.is_all else _MOST_CHECKS)
        if len(names) == 1:
            lines.append(line(f"  {who}  ", telling.plain_message(findings[0]), hang=4))
        else:
            lines.append(line(f"  {findings[0].gap}", Span(f" → {counted(len(names), 'check')}: ", Style.UNKNOWN), who, hang=4))
    return [*lines, Line()]


def _not_among_files(report: Report, view: View) -> list[Line]:
    """What files lack is no fault: a line that says what a look at the cluster would add."""
    missing: dict[str, set[str]] = {}
    for finding in report.findings:
        if _is_of_files(finding) and finding.gap is not None:
            missing.setdefault(finding.gap.wanted, set()).add(finding.check)
    if not missing:
        return []
    kinds = listed(sorted(missing, key=lambda kind: (-len(missing[kind]), kind)), 0 if view.is_all else _MOST_KINDS)
    checks = counted(len(set().union(*missing.values())), "check")
    label = "NOT AMONG THESE FILES  "
    return [line(Span(label, Style.UNKNOWN), kinds, Span(f" → {checks} cannot tell", Style.UNKNOWN), hang=len(label)), Line()]


def _is_of_files(finding: Finding) -> bool:
    return finding.verdict is Verdict.UNKNOWN and finding.gap is not None and finding.gap.source == "files"


def _next(report: Report, failed: list[Finding], view: View) -> list[Line]:
    """The next command."""
    if not failed:
        return []
    lines = [line(Span(f"{view.program} explain {failed[0].check}", Style.FAINT), "  why, and how to mend it")]
    mendable = sum(finding.hit.repair is not None and finding.place is not None for finding in failed)
    if view.paths and report.is_of_files and mendable:
        lines.append(
            line(Span(f"{view.program} check --fix {view.paths}".rstrip(), Style.FAINT), f"  mends {mendable:,} of them, shown first")
        )
    return lines


K = TypeVar("K", Ref, str)


def _grouped(findings: Iterable[Finding], key: Callable[[Finding], K]) -> list[tuple[K, list[Finding]]]:
    groups: dict[K, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(key(finding), []).append(finding)
    return sorted(groups.items(), key=lambda item: (min(one.severity.rank for one in item[1]), -len(item[1]), str(item[0])))


def _alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of one fingerprint and one statement are told once; two documents of one name are two."""
    groups: dict[tuple[str, object], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.fingerprint, finding.origin), []).append(finding)
    return list(groups.values())
