"""The sentences that every format shares: a problem's title with its times, its facts, its change; gaps told together."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from daytwo.model.finding import Evidence, Finding, Since
from daytwo.model.gap import Gap
from daytwo.model.problem import ChangeSeen, Problem
from daytwo.model.report import GapSeen, Report
from daytwo.model.severity import Horizon, Verdict
from daytwo.render.clock import Clock, placed
from daytwo.render.view import View
from daytwo.render.words import counted, listed, ordinal, percent

SINCE = "{since}"
SOON = " soon"


def plain_title(problem: Problem) -> str:
    """The title as a machine or a ticket wants it: without times."""
    return placed(problem.title, SINCE, "")


def plain_message(finding: Finding) -> str:
    """A finding's statement without times."""
    return placed(finding.hit.message, SINCE, "")


def title(problem: Problem, clock: Clock) -> str:
    """The title with since when, and with the date on which it will hurt where there is one."""
    due = due_of(problem) if SOON in problem.title else None
    return _dated(problem.title, problem.since, due, clock)


def message(finding: Finding, clock: Clock) -> str:
    """A finding's own statement with its times."""
    return _dated(finding.hit.message, finding.hit.since, finding.hit.due, clock)


def _dated(text: str, since: Since | None, due: datetime | None, clock: Clock) -> str:
    """What expires `soon` expires `in 6 days (26 Nov 08:00)`; since when stands at its marker, or at the end where nothing is due."""
    if due is not None:
        text = placed(text, SOON, clock.due(due), joint=" · ")
        since = since if SINCE in text else None
    return placed(text, SINCE, clock.since(since) if since else "", joint=" · ")


def due_of(problem: Problem) -> datetime | None:
    return min((finding.hit.due for finding in problem.findings if finding.hit.due is not None), default=None)


def change(seen: ChangeSeen, clock: Clock) -> str:
    """`revision 9 rolled out 07:09, revision 8 had been current for 12 days`; `not before` where the time is only a lower bound."""
    at = clock.time(seen.at) if seen.exact else f"{clock.time(seen.at)} at the latest"
    told = placed(seen.text, "{at}", at)
    return f"{told} (by {seen.who})" if seen.who and seen.who not in told else told


def know(problem: Problem, clock: Clock) -> str:
    """What proves it and what changed just before, in one line."""
    facts = [clock.evidence(fact) for fact in problem.know]
    if problem.change is not None and not any(tells(fact, problem.change) for fact in problem.know):
        facts.append(change(problem.change, clock))
    return "; ".join(dict.fromkeys(facts))


def tells(fact: Evidence, change: ChangeSeen) -> bool:
    """Whether a fact is the change itself."""
    return fact.at == change.at and fact.text.startswith(change.text)


def remembered(report: Report, problem: Problem, clock: Clock) -> str:
    """`first seen Mon 14:02, 3rd time in 7 days, back since 07:30`; nothing where this look is all that is known."""
    known = report.known.get(problem.id)
    if known is None or (known.times == 1 and known.began_at >= report.taken_at):
        return ""
    told = f"first seen {clock.time(known.first_seen_at)}"
    if known.times == 1:
        return told
    often = f"{ordinal(known.times_in_a_week)} time in 7 days" if known.times_in_a_week > 1 else f"{ordinal(known.times)} time"
    back = f"back since {clock.time(known.began_at)}" if known.began_at < report.taken_at else "back now"
    return f"{told}, {often}, {back}"


def seen(report: Report) -> str:
    """`1,204 objects in 14 namespaces`."""
    return f"{counted(report.objects, 'object')} in {counted(report.namespaces, 'namespace')}"


def nothing_today(report: Report, view: View) -> str:
    """An empty list says how much could be seen, and hidden is never an all-clear."""
    within = f" within these limits ({view.limits})" if view.limits else ""
    if view.nothing_asked:
        return f"Nothing was asked: {view.nothing_asked}."
    if view.new_only:
        return f"Nothing new{f' since {view.since}' if view.since else ''} needs you today{within}."
    if report.coverage.ratio >= 1 and not report.gaps:
        return f"Nothing needs you today{within}: {seen(report)} were judged, and nothing was hidden."
    hidden = percent(1 - report.coverage.ratio)
    share = "not everything" if report.coverage.ratio >= 1 else f"{hidden} of what was asked for"
    was = "could be read" if report.coverage.ratio >= 1 else "could not be read"
    return f"Nothing found{within} in {seen(report)}, but {share} {was}. This is not an all-clear."


class Hidden(NamedTuple):
    """Some of what could not be read, told in one line."""

    text: str
    gaps: int
    checks: int


def gaps(report: Report, *, each: bool = False) -> list[Hidden]:
    """What could not be read and why, most checks first; alike ones are told together unless `each` is asked for.

    Kinds that are hidden in the same places for the same reason are one line, and so are namespaces in which the same is hidden.
    """
    # What files lack is told by who asks for it: nobody failed to read it.
    gaps = [one for one in report.gaps if one.gap.source != "files"]
    if each:
        return _sorted([_told([one]) for one in gaps])
    by_kind: dict[tuple[str, str], list[GapSeen]] = {}
    for one in gaps:
        what, _, _ = one.gap.wanted.partition(" in ")
        by_kind.setdefault((what, _reason(one.gap)), []).append(one)
    by_place: dict[tuple[str, str], list[GapSeen]] = {}
    for (_, reason), found in by_kind.items():
        by_place.setdefault((_place(found), reason), []).extend(found)
    return _sorted([_told(found) for found in by_place.values()])


def _sorted(told: list[Hidden]) -> list[Hidden]:
    return sorted(told, key=lambda one: (-one.checks, one.text))


def _place(found: list[GapSeen]) -> str:
    """`namespace vault`, `1,000 namespaces (a, b, c and 997 more)`, or nothing for the whole cluster."""
    places = list(dict.fromkeys(one.gap.wanted.partition(" in ")[2] for one in found))
    namespaces = [place.removeprefix("namespace ") for place in places]
    if len(places) == 1:
        return places[0]
    return f"{len(places):,} namespaces ({listed(sorted(namespaces), 3)})"


def _told(found: list[GapSeen]) -> Hidden:
    kinds = list(dict.fromkeys(one.gap.wanted.partition(" in ")[0] for one in found))
    place = _place([one for one in found if one.gap.wanted.partition(" in ")[0] == kinds[0]])
    where = f" in {place}" if place else ""
    reason = _reason(found[0].gap) if len(found) > 1 else found[0].gap.reason
    return Hidden(f"{listed(kinds, 4)}{where}: {reason}", len(found), len({check for one in found for check in one.checks}))


def _reason(gap: Gap) -> str:
    """The reason without its own namespace, so that a thousand namespaces with one reason are one line."""
    return gap.reason.replace(f'"{gap.cell.namespace}"', "…") if gap.cell and gap.cell.namespace else gap.reason


def numbered(report: Report) -> dict[str, int]:
    """A problem's number is its place in the whole report, so it does not change with what is shown."""
    return {problem.id: number for number, problem in enumerate(report.problems, 1)}


def of_horizon(report: Report, horizon: Horizon, view: View) -> list[Problem]:
    return [problem for problem in report.problems if problem.horizon is horizon and view.shows(report, problem.id)]


def sorted_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Failing ones first, worst first, then by check and subject; unknown ones at the end."""
    return sorted(findings, key=lambda one: (one.verdict is Verdict.UNKNOWN, one.severity.rank, one.check, one.subject, one.hit.item))


def by_heading(problems: Iterable[Problem]) -> dict[str, int]:
    """How many problems under each of the six headings, most first; a problem counts under its first finding's."""
    counts: dict[str, int] = {}
    for problem in problems:
        heading = str(problem.findings[0].heading) if problem.findings else "operations"
        counts[heading] = counts.get(heading, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
