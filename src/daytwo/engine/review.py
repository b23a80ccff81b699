"""The main job: judge a snapshot, join what was found into problems, and report."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from daytwo.catalog import Check
from daytwo.domains.review.problems import problems
from daytwo.engine.judge import Judgement, judge
from daytwo.engine.standard import hold, selected_checks, selected_names
from daytwo.model.finding import Finding
from daytwo.model.gap import Gap
from daytwo.model.memory import ProblemNote
from daytwo.model.problem import Problem
from daytwo.model.ref import Ref
from daytwo.model.report import GapSeen, Mark, Report
from daytwo.model.scope import Filters
from daytwo.model.severity import Verdict
from daytwo.model.snapshot import Snapshot
from daytwo.model.standard import Standard

EVERY_CHECK: Final = Standard()


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A report, and all that was concluded for it: what the filters leave out of the report is remembered all the same.

    `before` are the findings of the earlier snapshot, where there is one.
    """

    report: Report
    snapshot: Snapshot
    checks: tuple[Check, ...]
    judgement: Judgement
    problems: tuple[Problem, ...]
    before: tuple[Finding, ...] | None = None


def review(snapshot: Snapshot, filters: Filters, earlier: Snapshot | None = None, standard: Standard = EVERY_CHECK) -> Report:
    """Problems, findings, gaps. With an earlier snapshot each problem is marked new or still, and those that are gone are listed."""
    return reviewed(snapshot, filters, earlier, standard).report


def reviewed(
    snapshot: Snapshot, filters: Filters, earlier: Snapshot | None = None, standard: Standard = EVERY_CHECK, *, is_joined: bool = True
) -> Reviewed:
    """The report, with what it was made from: of the findings, those that the standard holds against anybody.

    Without `is_joined` they are not joined into problems.
    """
    asked = selected_names(filters, standard.profile)
    checks = selected_checks(filters, standard.profile, snapshot)
    judgement = judge(snapshot, checks)
    held = hold(judgement.findings, standard.exemptions, snapshot, asked)
    concluded = problems(held.findings, snapshot) if is_joined else ()
    chosen = _Chosen(filters, snapshot)
    found = tuple(problem for problem in concluded if chosen.has_problem(problem))
    before: tuple[Problem, ...] = ()
    found_before: tuple[Finding, ...] | None = None
    if earlier is not None:
        chosen_before = _Chosen(filters, earlier)
        found_before = hold(judge(earlier, checks).findings, standard.exemptions, earlier, asked).findings
        told_before = problems(found_before, earlier) if is_joined else ()
        before = tuple(one for one in told_before if chosen_before.has_problem(one))
    known = {problem.id for problem in before}
    now = {problem.id for problem in found}
    report = Report(
        title=snapshot.cluster.name,
        taken_at=snapshot.taken_at,
        cluster=snapshot.cluster,
        objects=snapshot.count,
        namespaces=len(snapshot.namespaces),
        coverage=snapshot.coverage,
        problems=found,
        findings=tuple(finding for finding in held.findings if chosen.has(finding)),
        exempt=tuple(finding for finding in held.exempt if chosen.has(finding)),
        unused=held.unused,
        notes=held.notes,
        verdicts=judgement.verdicts,
        profile=standard.profile.name,
        is_of_files=snapshot.is_of_files,
        gaps=_gaps_seen(snapshot.gaps, held.findings),
        marks={problem.id: Mark.STILL if problem.id in known else Mark.NEW for problem in found} if earlier is not None else {},
        gone=tuple(problem for problem in before if problem.id not in now),
        compared_with=earlier.taken_at if earlier is not None else None,
    )
    return Reviewed(report, snapshot, checks, judgement, concluded, found_before)


def asks_for(reviewed: Reviewed, filters: Filters, note: ProblemNote) -> bool:
    """Whether the filters ask for a remembered problem. Labels can only be told of what it touches and is still there."""
    names = {check.name for check in reviewed.checks}
    is_severe = note.severity.at_least(filters.min_severity)
    return is_severe and not names.isdisjoint(note.checks) and _Chosen(filters, reviewed.snapshot).has_any(note.touched)


def touched(problem: Problem) -> frozenset[Ref]:
    """All that a problem rests on: its cause, the owners of its findings, the workloads that it hurts."""
    return frozenset({problem.cause, *(finding.owner for finding in problem.findings), *(one.workload for one in problem.affected)})


def _gaps_seen(gaps: Iterable[Gap], findings: Iterable[Finding]) -> tuple[GapSeen, ...]:
    """Every gap with the checks it leaves unknown; gaps that checks met beyond the snapshot's own come after those."""
    of_look = dict.fromkeys(gaps)
    unknown: dict[Gap, set[str]] = {gap: set() for gap in of_look}
    for finding in findings:
        if finding.verdict is Verdict.UNKNOWN and finding.gap is not None:
            unknown.setdefault(finding.gap, set()).add(finding.check)
    return tuple(GapSeen(gap, tuple(sorted(checks)), gap in of_look) for gap, checks in unknown.items())


class _Chosen:
    """Which findings and problems the filters leave."""

    def __init__(self, filters: Filters, snapshot: Snapshot) -> None:
        self._filters = filters
        self._snapshot = snapshot

    def has(self, finding: Finding) -> bool:
        if finding.verdict is Verdict.UNKNOWN:
            return not self._filters.namespaces or finding.subject.namespace in ("", *self._filters.namespaces)
        return finding.severity.at_least(self._filters.min_severity) and self._is_in_place(finding.owner)

    def has_problem(self, problem: Problem) -> bool:
        if not problem.severity.at_least(self._filters.min_severity):
            return False
        return self.has_any(touched(problem))

    def has_any(self, refs: Iterable[Ref]) -> bool:
        return any(self._is_in_place(ref) for ref in refs)

    def _is_in_place(self, owner: Ref) -> bool:
        """Whether an object is in the namespaces and carries the labels asked for; members follow their owner."""
        if self._filters.namespaces and owner.namespace not in self._filters.namespaces:
            return False
        if self._filters.selector is None:
            return True
        found = self._snapshot.find(owner)
        return found is not None and self._filters.selector.matches(found.labels)
