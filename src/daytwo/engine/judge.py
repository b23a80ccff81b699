"""Runs checks over a snapshot. The only place that turns what could not be seen into *unknown*."""

from collections.abc import Iterable
from dataclasses import dataclass

from daytwo.catalog import Check
from daytwo.model.finding import Finding, Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.metadata import Resource
from daytwo.model.ref import Cell, Ref
from daytwo.model.severity import Verdict
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CustomWorkload


@dataclass(frozen=True, slots=True)
class Judgement:
    """Failing and unknown findings, and how many subjects got each verdict, per check."""

    findings: tuple[Finding, ...]
    verdicts: dict[str, dict[Verdict, int]]


def judge(snapshot: Snapshot, checks: Iterable[Check]) -> Judgement:
    """Every check on every subject of its kinds.

    A subject for which the check needs a cell that was not read is unknown; so is each cell of subjects that was not read.
    Unknowns are one finding per check and gap, however many subjects they concern.
    """
    findings: list[Finding] = []
    verdicts: dict[str, dict[Verdict, int]] = {}
    for check in checks:
        counts = dict.fromkeys(Verdict, 0)
        unknown: dict[Gap, int] = {}
        for kind in check.kinds:
            for gap in _gaps(snapshot, kind):
                unknown.setdefault(gap, 0)
            for subject in snapshot.seen(kind):
                if check.applies is not None and not check.applies(subject):
                    counts[Verdict.NOT_APPLICABLE] += 1
                    continue
                hits, hidden = _ask(check, subject, snapshot)
                if hidden is not None:
                    unknown[hidden] = unknown.get(hidden, 0) + 1
                counts[Verdict.FAIL if hits else Verdict.UNKNOWN if hidden is not None else Verdict.PASS] += 1
                findings.extend(_failed(check, subject, hit, snapshot) for hit in hits)
        findings.extend(_unknown(check, gap, subjects) for gap, subjects in unknown.items())
        verdicts[check.name] = counts
    return Judgement(tuple(findings), verdicts)


def _ask(check: Check, subject: Resource, snapshot: Snapshot) -> tuple[list[Hit], Gap | None]:
    """What a check has to say, and what kept it from saying more: a hit stands, whatever stayed hidden after it."""
    hits: list[Hit] = []
    try:
        for hit in check.function(subject, snapshot):
            hits.append(hit)  # noqa: PERF402 - what came before Unseen is kept
    except Unseen as unseen:
        return hits, unseen.gap
    return hits, None


def _failed(check: Check, subject: Resource, hit: Hit, snapshot: Snapshot) -> Finding:
    return Finding(
        check=check.name,
        subject=subject.ref,
        owner=snapshot.top_owner(subject),
        verdict=Verdict.FAIL,
        severity=hit.severity or check.severity,
        heading=check.heading,
        harm=hit.harm or check.harm,
        hit=hit,
    )


def _unknown(check: Check, gap: Gap, subjects: int) -> Finding:
    cell = gap.cell or Cell(check.kinds[0].KIND)
    subject = Ref(cell.kind, cell.namespace, "")
    about = f" for {subjects} {'object' if subjects == 1 else 'objects'}" if subjects else ""
    message = f"cannot tell{about}: {gap}"
    return Finding(check.name, subject, subject, Verdict.UNKNOWN, check.severity, check.heading, check.harm, Hit(message), gap)


def _gaps(snapshot: Snapshot, kind: type[Resource]) -> Iterable[Gap]:
    """The cells of subjects that were asked for and not read; a kind that is not part of the snapshot at all is one gap."""
    if kind is CustomWorkload:
        return ()
    named = [gap for gap in snapshot.gaps if gap.cell is not None and gap.cell.kind == kind.KIND]
    if named:
        return named
    if kind.KIND not in snapshot.readings:
        gap = snapshot.gap(kind.KIND)
        return (gap,) if gap is not None else ()
    return ()
