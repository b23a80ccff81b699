"""A report as a JSON document of a documented, versioned schema (docs/reference/*.schema.json)."""

import re
from typing import Final, Literal

import msgspec

from daytwo import __version__
from daytwo.model.command import Command, Next
from daytwo.model.exemption import Exemption
from daytwo.model.finding import Evidence, Finding, Since
from daytwo.model.json import Object
from daytwo.model.origin import Place
from daytwo.model.problem import Affected, ChangeSeen, Problem
from daytwo.model.ref import Ref
from daytwo.model.report import GapSeen, Report
from daytwo.model.severity import Horizon, Verdict
from daytwo.render import document, telling
from daytwo.render.clock import placed
from daytwo.render.view import View

# What JSON lets through raw and a terminal might obey: C1 controls, bidi and zero-width characters. Escaped, the text is the same.
_UNSAFE: Final = re.compile("[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def review(report: Report, view: View) -> str:
    """All problems with everything known about each; with `new_only` only the new ones."""
    numbers = telling.numbered(report)
    shown = [problem for problem in report.problems if view.shows(report, problem.id)]
    count = {horizon: sum(problem.horizon is horizon for problem in shown) for horizon in Horizon}
    return encoded(
        document.ReviewDocument(
            schema_=document.REVIEW_SCHEMA,
            look=_look(report, view),
            compared_with=report.compared_with,
            counts=document.Count(count[Horizon.TODAY], count[Horizon.WEEK], count[Horizon.HYGIENE]),
            problems=tuple(_problem(report, problem, numbers[problem.id], _mark(report, problem.id)) for problem in shown),
            gone=() if view.new_only else tuple(_problem(report, problem, None, "gone") for problem in report.gone),
            unknown=() if view.new_only else tuple(_problem(report, problem, None, "unknown") for problem in report.unknown),
            gaps=tuple(map(_gap, report.gaps)),
        )
    )


def problem(report: Report, chosen: Problem, view: View) -> str:
    number = telling.numbered(report)[chosen.id]
    told = _problem(report, chosen, number, _mark(report, chosen.id))
    return encoded(document.ProblemDocument(schema_=document.PROBLEM_SCHEMA, look=_look(report, view), problem=told))


def check(report: Report, view: View) -> str:
    return encoded(
        document.CheckDocument(
            schema_=document.CHECK_SCHEMA,
            look=_look(report, view),
            profile=report.profile,
            files=report.files,
            notes=report.notes,
            findings=tuple(map(_finding, telling.sorted_findings(report.findings))),
            exempt=tuple(
                document.ExemptFinding(_finding(finding), _accepted(finding.exemption))
                for finding in telling.sorted_findings(report.exempt)
                if finding.exemption is not None
            ),
            unused_exemptions=tuple(map(_accepted, report.unused)),
            verdicts={name: _verdicts(counts) for name, counts in sorted(report.verdicts.items())},
            gaps=tuple(map(_gap, report.gaps)),
        )
    )


def _accepted(exemption: Exemption) -> document.Accepted:
    return document.Accepted(exemption.check, exemption.reason, exemption.owner, exemption.ticket, exemption.expires, exemption.place)


def _verdicts(counts: dict[Verdict, int]) -> document.Verdicts:
    return document.Verdicts(
        passed=counts.get(Verdict.PASS, 0),
        failed=counts.get(Verdict.FAIL, 0),
        unknown=counts.get(Verdict.UNKNOWN, 0),
        not_applicable=counts.get(Verdict.NOT_APPLICABLE, 0),
    )


def schema(type: type[msgspec.Struct]) -> str:
    """The JSON Schema (2020-12) of a document, for docs/reference."""
    told = msgspec.json.schema(type)
    told = {"$schema": "https://json-schema.org/draft/2020-12/schema", **told}
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"


def encoded(value: msgspec.Struct | Object) -> str:
    """A document as text, with everything escaped that a terminal might obey."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8", "backslashreplace")
    return _UNSAFE.sub(_escaped, text) + "\n"


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _look(report: Report, view: View) -> document.Looked:
    return document.Looked(
        title=report.title,
        cluster=report.cluster.name,
        uid=report.cluster.uid,
        version=report.cluster.version,
        user=report.cluster.user,
        taken_at=report.taken_at,
        looked_at=view.looked_at or report.taken_at,
        limits=view.limits,
        objects=report.objects,
        namespaces=report.namespaces,
        coverage=document.Answered(report.coverage.answered, report.coverage.asked, round(report.coverage.ratio, 6)),
        daytwo=__version__,
    )


def _mark(report: Report, id: str) -> Literal["new", "still", "gone", "unknown"] | None:
    mark = report.marks.get(id)
    return mark.value if mark is not None else None


def _problem(
    report: Report, problem: Problem, number: int | None, mark: Literal["new", "still", "gone", "unknown"] | None
) -> document.OneProblem:
    known = report.known.get(problem.id)
    return document.OneProblem(
        id=problem.id,
        number=number,
        mark=mark,
        horizon=problem.horizon,
        why_horizon=problem.why_horizon,
        severity=problem.severity,
        subject=problem.subject,
        cause=_object(problem.cause),
        title=telling.plain_title(problem),
        since=_since(problem.since),
        due=telling.due_of(problem),
        change=_change(problem.change),
        know=tuple(map(_fact, problem.know)),
        timeline=tuple(map(_fact, problem.timeline)),
        affected=tuple(map(_affected, problem.affected)),
        logs=problem.logs,
        next=_next(problem.next),
        findings=tuple(map(_finding, problem.findings)),
        remembered=document.Remembered(known.first_seen_at, known.began_at, known.times, known.times_in_a_week) if known else None,
    )


def _finding(finding: Finding) -> document.CheckFinding:
    hit = finding.hit
    return document.CheckFinding(
        fingerprint=finding.fingerprint,
        check=finding.check,
        verdict="unknown" if finding.verdict is Verdict.UNKNOWN else "fail",
        severity=finding.severity,
        heading=finding.heading,
        harm=finding.harm,
        subject=_object(finding.subject),
        owner=_object(finding.owner),
        item=hit.item,
        message=telling.plain_message(finding),
        path=hit.path,
        fix=hit.fix,
        since=_since(hit.since),
        due=hit.due,
        evidence=tuple(map(_fact, hit.evidence)),
        because=tuple(map(_object, hit.because)),
        confirm=_argv(hit.confirm),
        hidden_by=str(finding.gap) if finding.gap is not None else None,
        basis=finding.basis,
        place=_place(finding.place),
        repairable=hit.repair is not None,
        by_hand=hit.by_hand,
        lapsed=_accepted(finding.lapsed) if finding.lapsed is not None else None,
    )


def _place(place: Place | None) -> document.FieldPlace | None:
    if place is None:
        return None
    return document.FieldPlace(place.file, place.line, place.column, place.template, place.is_exact)


def _gap(seen: GapSeen) -> document.Hidden:
    cell = seen.gap.cell
    return document.Hidden(
        source=seen.gap.source,
        wanted=seen.gap.wanted,
        reason=seen.gap.reason,
        kind=cell.kind if cell else "",
        namespace=cell.namespace if cell else "",
        checks=seen.checks,
    )


def _affected(each: Affected) -> document.Touched:
    return document.Touched(
        workload=_object(each.workload),
        wanted=each.wanted,
        ready=each.ready,
        exposure=each.exposure,
        pods=each.pods,
        nodes=each.nodes,
        zones=each.zones,
        services=each.services,
    )


def _change(change: ChangeSeen | None) -> document.Change | None:
    if change is None:
        return None
    return document.Change(change.at, change.exact, change.kind, placed(change.text, "{at}", ""), change.who)


def _next(next: Next) -> document.NextStep:
    return document.NextStep(_argv(next.confirm), _argv(next.repair), next.note)


def _argv(command: Command | None) -> tuple[str, ...] | None:
    return command.argv if command is not None else None


def _fact(fact: Evidence) -> document.Fact:
    return document.Fact(placed(fact.text, "{at}", ""), fact.at)


def _since(since: Since | None) -> document.Began | None:
    return document.Began(since.at, since.exact) if since is not None else None


def _object(ref: Ref) -> document.Object:
    return document.Object(ref.kind, ref.namespace, ref.name)
