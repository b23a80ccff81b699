"""A report as a page for a terminal, a pipe or a file."""

from daytwo.model.problem import Affected, Problem
from daytwo.model.report import Mark, Report
from daytwo.model.severity import Horizon
from daytwo.render import telling
from daytwo.render.clock import Clock
from daytwo.render.page import SEVERITY_STYLE, Line, Span, Style, lay_out, line, padded
from daytwo.render.view import View
from daytwo.render.visible import visible
from daytwo.render.words import counted, listed, percent

MOST_GAPS = 5
MOST_NAMES = 6
MOST_FIXES = 3
MOST_AFFECTED = 12
_FACTS = 14


def review(report: Report, view: View) -> str:
    """What needs attention today, this week, and the rest as counts; what could not be read."""
    lines = [header(report, view), Line()]
    lines += _today(report, view)
    lines += _listed(report, view, Horizon.WEEK, "THIS WEEK")
    lines += _hygiene(report, view)
    lines += _gone(report, view)
    lines += _maybe_gone(report, view)
    lines += could_not_look(report, view)
    return lay_out(lines, width=view.width, is_coloured=view.is_coloured)


def header(report: Report, view: View) -> Line:
    """Which cluster, when, how much of it, which version, how much of what was asked for could be read."""
    if report.is_of_files:
        return _header_of_files(report, view)
    clock = view.clock(report)
    if view.looked_at is not None and view.looked_at != report.taken_at:
        looked = f"looked at {clock.full(view.looked_at)}, judged as of {clock.full(report.taken_at)}"
    else:
        looked = f"looked at {clock.full(report.taken_at)}"
    parts: list[Span | str] = [
        Span(report.title, Style.STRONG),
        f" · {looked} · {counted(report.objects, 'object')}, {counted(report.namespaces, 'namespace')}",
    ]
    if report.cluster.version:
        parts.append(f" · Kubernetes {_short_version(report.cluster.version)}")
    share = f"coverage {percent(report.coverage.ratio)}"
    parts += [" · ", Span(share, Style.UNKNOWN) if report.coverage.ratio < 1 else share]
    if view.limits:
        parts.append(f" · {view.limits}")
    if report.compared_with is not None:
        parts.append(f" · compared with {clock.full(report.compared_with)}")
    return line(*parts, hang=2)


def _header_of_files(report: Report, view: View) -> Line:
    parts: list[Span | str] = [
        Span(report.title, Style.STRONG),
        f" · {counted(report.objects, 'object')} in {counted(report.files, 'file')}",
        f" · for Kubernetes {_short_version(report.cluster.version)}",
        f" · profile {report.profile}",
    ]
    if view.limits:
        parts.append(f" · {view.limits}")
    return line(*parts, hang=2)


def could_not_look(report: Report, view: View) -> list[Line]:
    """Each thing that could not be read, why, and how many checks that leaves unknown."""
    told = telling.gaps(report, each=view.is_all)
    if not told:
        return []
    label = f"COULD NOT LOOK  {len(report.gaps):,}  "
    shown = told if view.is_all else told[:MOST_GAPS]
    lines: list[Line] = []
    for index, (text, _, checks) in enumerate(shown):
        start = Span(label, Style.UNKNOWN) if index == 0 else " " * len(label)
        unknown = Span(f" → {counted(checks, 'check')} unknown", Style.UNKNOWN) if checks else ""
        lines.append(line(start, text, unknown, hang=len(label)))
    if len(shown) < len(told):
        more = sum(one.gaps for one in told[MOST_GAPS:])
        lines.append(line(f"{' ' * len(label)}and {more:,} more: --all"))
    return lines


def _today(report: Report, view: View) -> list[Line]:
    problems = telling.of_horizon(report, Horizon.TODAY, view)
    lines = [_heading("TODAY", len(problems))]
    if not problems:
        return [*lines, line(f"  {telling.nothing_today(report, view)}", hang=2), Line()]
    clock, numbers = view.clock(report), telling.numbered(report)
    shown = problems[: view.most(Horizon.TODAY)]
    for problem in shown:
        lines.append(_row(report, problem, numbers, clock, is_strong=True))
        lines += _facts(report, problem, clock, view)
    return [*lines, *_more(problems, shown), Line()]


def _listed(report: Report, view: View, horizon: Horizon, name: str) -> list[Line]:
    problems = telling.of_horizon(report, horizon, view)
    clock, numbers = view.clock(report), telling.numbered(report)
    shown = problems[: view.most(horizon)]
    rows = [_row(report, problem, numbers, clock) for problem in shown]
    return [_heading(name, len(problems)), *rows, *_more(problems, shown), *([Line()] if rows else [])]


def _hygiene(report: Report, view: View) -> list[Line]:
    problems = telling.of_horizon(report, Horizon.HYGIENE, view)
    if view.is_all:
        return _listed(report, view, Horizon.HYGIENE, "HYGIENE")
    parts = " · ".join(f"{heading} {count:,}" for heading, count in telling.by_heading(problems).items())
    head = f"HYGIENE  {len(problems):,}"
    if not problems:
        return [line(Span(head, Style.STRONG))]
    return [
        line(Span(head, Style.STRONG), f"      {parts}      ", Span(f"{view.program} check {view.paths}".rstrip(), Style.FAINT), hang=4)
    ]


def _gone(report: Report, view: View) -> list[Line]:
    if report.compared_with is None or not report.gone or view.new_only:
        return []
    return [Line(), _heading("GONE", len(report.gone)), *_of_before(report.gone, view), Line()]


def _maybe_gone(report: Report, view: View) -> list[Line]:
    if not report.unknown or view.new_only:
        return []
    heading = line(
        Span(f"MAYBE GONE  {len(report.unknown):,}", Style.UNKNOWN),
        Span("      what would tell was not read in this look", Style.FAINT),
        hang=4,
    )
    return [*([] if report.gone else [Line()]), heading, *_of_before(report.unknown, view), Line()]


def _of_before(problems: tuple[Problem, ...], view: View) -> list[Line]:
    """Problems of an earlier look, the first ten of them unless all are asked for."""
    rows = [
        line(Span(f"    {problem.severity.upper():8}  ", Style.FAINT), f"{problem.subject}  {telling.plain_title(problem)}", hang=_FACTS)
        for problem in problems
    ]
    shown = rows if view.is_all else rows[:10]
    return [*shown, *([line(f"    and {len(rows) - len(shown):,} more: --all")] if len(shown) < len(rows) else [])]


def _heading(name: str, number: int) -> Line:
    return line(Span(f"{name}  {number:,}", Style.STRONG))


def _more(problems: list[Problem], shown: list[Problem]) -> list[Line]:
    return [line(f"    and {len(problems) - len(shown):,} more: --all")] if len(shown) < len(problems) else []


def _row(report: Report, problem: Problem, numbers: dict[str, int], clock: Clock, *, is_strong: bool = False) -> Line:
    """Number, severity, subject, title, since when it is remembered. Comparing adds a column: new or still."""
    digits = max(2, len(str(len(report.problems))))
    mark = report.marks.get(problem.id)
    # A problem of today has a line of its own for that.
    remembered = "" if is_strong else telling.remembered(report, problem, clock)
    marked: list[Span | str] = []
    if report.compared_with is not None:
        marked = [Span(f"{mark or '':5}  ", Style.STRONG if mark is Mark.NEW else Style.FAINT)]
    return line(
        f"{numbers[problem.id]:>{digits}}  ",
        Span(f"{problem.severity.upper():8}  ", SEVERITY_STYLE[problem.severity]),
        *marked,
        Span(problem.subject, Style.STRONG if is_strong else Style.PLAIN),
        f"  {telling.title(problem, clock)}",
        Span(f" · {remembered}" if remembered else "", Style.FAINT),
        hang=_FACTS,
    )


def _facts(report: Report, problem: Problem, clock: Clock, view: View) -> list[Line]:
    """Under a row of TODAY: how we know, since when it is remembered, the last words of a crashed container, the next command."""
    lines: list[Line] = []
    known = telling.know(problem, clock)
    if known:
        lines.append(_fact("know", known))
    remembered = telling.remembered(report, problem, clock)
    if remembered:
        lines.append(_fact("memory", remembered))
    lines += _log(problem, telling.numbered(report)[problem.id], view)
    command = problem.next.command
    if command is not None:
        lines.append(_fact("next", str(command), style=Style.STRONG, is_whole=True))
        if problem.next.note:
            lines.append(_fact("", problem.next.note))
    elif problem.next.note:
        lines.append(_fact("next", problem.next.note))
    return lines


def _log(problem: Problem, number: int, view: View) -> list[Line]:
    """The last words of a crashed container; all that is known of its log where everything is asked for."""
    rows = [row.rstrip() for row in problem.logs if row.strip()]
    shown = rows if view.is_all else rows[-1:]
    hidden = f" (the last {len(rows)} lines: {view.program} problem {number})" if len(shown) < len(rows) else ""
    return [
        line(
            Span(f"{'':6}{'log' if index == 0 else '':8}", Style.FAINT),
            row.strip() if hidden else row,
            Span(hidden, Style.FAINT),
            hang=_FACTS,
        )
        for index, row in enumerate(shown)
    ]


def _fact(label: str, text: str, *, style: Style = Style.PLAIN, is_whole: bool = False) -> Line:
    return line(Span(f"{'':6}{label:8}", Style.FAINT), Span(text, style), hang=_FACTS, is_whole=is_whole)


def problem(report: Report, chosen: Problem, view: View) -> str:
    """One problem whole: how we know, what happened when, what it touches, what to do."""
    clock = view.clock(report)
    number = telling.numbered(report)[chosen.id]
    mark = report.marks.get(chosen.id)
    lines = [
        header(report, view),
        Line(),
        line(
            Span(f"{number}  "),
            Span(chosen.severity.upper(), SEVERITY_STYLE[chosen.severity]),
            f"  {str(chosen.horizon).upper()}  ",
            Span(chosen.subject, Style.STRONG),
            f"  {mark}" if mark else "",
            Span(f"  id {chosen.id}", Style.FAINT),
            hang=4,
        ),
        line(Span(telling.title(chosen, clock), Style.STRONG), hang=2),
        Line(),
    ]
    if chosen.why_horizon and chosen.why_horizon != telling.plain_title(chosen):
        lines.append(_part(chosen.horizon, chosen.why_horizon))
    if chosen.since is not None:
        least = "" if chosen.since.exact else "at least "
        lines.append(_part("for", f"{least}{clock.age(chosen.since.at)}, since {clock.time(chosen.since.at)}"))
    remembered = telling.remembered(report, chosen, clock)
    if remembered:
        lines.append(_part("memory", remembered))
    due = telling.due_of(chosen)
    if due is not None:
        lines.append(_part("due", clock.due(due)))
    change = chosen.change
    lines += _parts("know", [clock.evidence(fact) for fact in chosen.know if change is None or not telling.tells(fact, change)])
    lines += _parts("log", list(chosen.logs), style=Style.FAINT)
    if change is not None:
        lines.append(_part("changed", telling.change(change, clock)))
    lines += _timeline(chosen, clock)
    lines += _affected(chosen)
    lines += _next(chosen)
    lines += _findings(chosen, view)
    return lay_out(lines, width=view.width, is_coloured=view.is_coloured)


_LABEL = 10


def _part(label: str, text: str, *, style: Style = Style.PLAIN, is_whole: bool = False, extra: int = 0) -> Line:
    return line(Span(padded(label, _LABEL), Style.FAINT), Span(text, style), hang=_LABEL + extra, is_whole=is_whole)


def _parts(label: str, texts: list[str], *, style: Style = Style.PLAIN) -> list[Line]:
    return [_part(label if index == 0 else "", text, style=style, extra=2) for index, text in enumerate(texts)]


def _timeline(chosen: Problem, clock: Clock) -> list[Line]:
    rows = [(clock.time(entry.at, seconds=True) if entry.at else "", entry.text) for entry in chosen.timeline]
    width = max((len(time) for time, _ in rows), default=0)
    return [
        line(
            Span(padded("timeline" if index == 0 else "", _LABEL), Style.FAINT),
            f"{time:>{width}}  {text}",
            hang=_LABEL + width + 2,
        )
        for index, (time, text) in enumerate(rows)
    ]


def _affected(chosen: Problem) -> list[Line]:
    """Workload, then its pods, nodes, zones and Services, as a small tree; of a workload that is whole, one line."""
    lines: list[Line] = []
    shown = chosen.affected[:MOST_AFFECTED]
    for index, each in enumerate(shown):
        style = Style.CRITICAL if each.ready == 0 and each.wanted else Style.PLAIN
        lines.append(
            line(
                Span(padded("affected" if index == 0 else "", _LABEL), Style.FAINT),
                Span(each.workload.short, Style.STRONG),
                f" ({each.workload.kind})  ",
                Span(f"{each.ready:,} of {each.wanted:,} ready", style),
                f" · {each.exposure}" if each.exposure else "",
                hang=_LABEL + 2,
            )
        )
        if each.ready < each.wanted or len(shown) == 1:
            lines += _branches(each)
    if len(shown) < len(chosen.affected):
        lines.append(line(" " * _LABEL, f"and {counted(len(chosen.affected) - len(shown), 'more workload')}: -o json"))
    return lines


def _branches(each: Affected) -> list[Line]:
    named = (("pods", each.pods), ("nodes", each.nodes), ("zones", each.zones), ("services", each.services))
    branches = [(name, names) for name, names in named if names]
    return [
        line(
            " " * _LABEL,
            Span(f"{'└' if index == len(branches) - 1 else '├'} {name:8}  ", Style.FAINT),
            listed(names, MOST_NAMES),
            hang=_LABEL + 12,
        )
        for index, (name, names) in enumerate(branches)
    ]


def _next(chosen: Problem) -> list[Line]:
    lines = [Line()]
    if chosen.next.confirm is not None:
        lines.append(_part("confirm", str(chosen.next.confirm), is_whole=True))
    if chosen.next.repair is not None:
        lines.append(_part("repair", str(chosen.next.repair), style=Style.STRONG, is_whole=True))
    if chosen.next.note:
        lines.append(_part("note", chosen.next.note))
    fixes = list(dict.fromkeys(finding.hit.fix for finding in chosen.findings if finding.hit.fix and finding.hit.fix != chosen.next.note))
    lines += _parts("fix", fixes[:MOST_FIXES])
    return lines if len(lines) > 1 else []


def _findings(chosen: Problem, view: View) -> list[Line]:
    counts: dict[str, int] = {}
    for finding in chosen.findings:
        counts[finding.check] = counts.get(finding.check, 0) + 1
    if not counts:
        return []
    told = [f"{check} ×{count:,}" if count > 1 else check for check, count in counts.items()]
    return [
        Line(),
        _part("joins", f"{counted(len(chosen.findings), 'finding')}: {', '.join(told)}", extra=2),
        _part("explain", f"{view.program} explain {max(counts, key=counts.__getitem__)}", is_whole=True),
    ]


def _short_version(version: str) -> str:
    """`v1.36.2-eks-1` → `v1.36.2`."""
    return visible(version).partition("-")[0].partition("+")[0]
