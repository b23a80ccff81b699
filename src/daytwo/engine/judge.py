"""Runs checks over a snapshot. The only place that turns what could not be seen into *unknown*."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from daytwo.catalog import Check
from daytwo.model.finding import Finding, Hit
from daytwo.model.foreign import ForeignObject
from daytwo.model.gap import SPECS_NOT_KEPT, Gap, Unseen
from daytwo.model.metadata import Resource
from daytwo.model.pod import Pod
from daytwo.model.ref import Cell, Ref
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Basis, Verdict
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, CustomWorkload, DaemonSet, Deployment, Job, ReplicaSet, Rollout, StatefulSet

RUNNABLE_KINDS: Final[tuple[type[Runnable], ...]] = (Deployment, StatefulSet, DaemonSet, Rollout, ReplicaSet, Job, CronJob, Pod)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Failing and unknown findings, and how many subjects got each verdict, per check."""

    findings: tuple[Finding, ...]
    verdicts: dict[str, dict[Verdict, int]]


def judge(snapshot: Snapshot, checks: Collection[Check]) -> Judgement:
    """Every check on every subject of its kinds.

    A subject for which the check needs a cell that was not read is unknown; so is each cell of subjects that was not read.
    Unknowns are one finding per check and gap, however many subjects they concern.
    """
    findings: list[Finding] = []
    verdicts: dict[str, dict[Verdict, int]] = {}
    subjects = {kind: _subjects(snapshot, kind) for check in checks for kind in check.kinds}
    for check in checks:
        found, unknown, counts = _ask(check, subjects, snapshot)
        findings += found
        findings.extend(_unknown(check, gap, namespaces) for gap, namespaces in unknown.items())
        verdicts[check.name] = counts
    return Judgement(tuple(findings), verdicts)


def _ask(
    check: Check, subjects: Mapping[type[Resource], tuple[Resource, ...]], snapshot: Snapshot
) -> tuple[list[Finding], dict[Gap, list[str]], dict[Verdict, int]]:
    """What a check has to say of its subjects, what kept it from saying more and in which namespaces, and how many got which verdict.

    A hit stands, whatever stayed hidden after it. Millions of answers pass through here, nearly all of them empty.
    """
    if check.basis is Basis.SPEC and not snapshot.has_whole_specs:
        return [], {SPECS_NOT_KEPT: []}, dict.fromkeys(Verdict, 0)
    findings: list[Finding] = []
    unknown: dict[Gap, list[str]] = {}
    passed = failed = hidden = inapplicable = 0
    function, applies, options = check.function, check.applies, () if check.options is None else (check.options,)
    is_of_state = check.basis is Basis.STATE
    for kind in check.kinds:
        for gap in _gaps(snapshot, kind):
            unknown.setdefault(gap, [])
        for subject in subjects[kind]:
            if (is_of_state and subject.is_declared) or (applies is not None and not applies(subject)):
                inapplicable += 1
                continue
            before = len(findings)
            unseen: Gap | None = None
            try:
                for hit in function(subject, snapshot, *options):
                    findings.append(_failed(check, subject, hit, snapshot))  # noqa: PERF401 - what came before Unseen is kept
            except Unseen as raised:
                unseen = raised.gap
                unknown.setdefault(unseen, []).append(subject.metadata.namespace)
            if len(findings) > before:
                failed += 1
            elif unseen is not None:
                hidden += 1
            else:
                passed += 1
    counts = {Verdict.PASS: passed, Verdict.FAIL: failed, Verdict.UNKNOWN: hidden, Verdict.NOT_APPLICABLE: inapplicable}
    return findings, unknown, counts


def _failed(check: Check, subject: Resource, hit: Hit, snapshot: Snapshot) -> Finding:
    return Finding(
        check=check.name,
        subject=subject.ref,
        owner=snapshot.top_owner(subject),
        verdict=Verdict.FAIL,
        severity=check.severity if check.is_severity_set else hit.severity or check.severity,
        heading=check.heading,
        harm=hit.harm or check.harm,
        hit=hit if hit.by_hand or hit.repair is not None or not check.by_hand else msgspec.structs.replace(hit, by_hand=check.by_hand),
        basis=check.basis,
        origin=subject.origin,
    )


def _unknown(check: Check, gap: Gap, namespaces: list[str]) -> Finding:
    """One finding for all subjects whose namespaces are given. A gap in the subjects' own kinds hides nobody knows how many more."""
    cell = gap.cell or Cell(check.kinds[0].KIND)
    subject = Ref(cell.kind, cell.namespace, "")
    about = f" for {len(namespaces)} {'object' if len(namespaces) == 1 else 'objects'}" if namespaces else ""
    is_of_subjects = gap.cell is not None and any(gap.cell.kind == kind.KIND for kind in check.kinds)
    places = {*namespaces, cell.namespace} if is_of_subjects or not namespaces else set(namespaces)
    return Finding(
        check=check.name,
        subject=subject,
        owner=subject,
        verdict=Verdict.UNKNOWN,
        severity=check.severity,
        heading=check.heading,
        harm=check.harm,
        hit=Hit(f"cannot tell{about}: {gap}"),
        basis=check.basis,
        gap=gap,
        open_in=() if "" in places else tuple(sorted(places)),
    )


def _subjects(snapshot: Snapshot, kind: type[Resource]) -> tuple[Resource, ...]:
    if kind is Runnable:
        return snapshot.runnables
    return tuple(snapshot.all()) if kind is Resource else snapshot.seen(kind)


def _gaps(snapshot: Snapshot, kind: type[Resource]) -> Iterable[Gap]:
    """The cells of subjects that were asked for and not read; a kind that is not part of the snapshot at all is one gap.

    What files do not hold is nobody's subject: only who needs it to judge another object is left without an answer.
    """
    if kind is Runnable:
        return [gap for type in RUNNABLE_KINDS for gap in _gaps(snapshot, type)]
    if kind in (CustomWorkload, ForeignObject, Resource) or snapshot.is_of_files:
        return ()
    named = [gap for gap in snapshot.gaps if gap.cell is not None and gap.cell.kind == kind.KIND]
    if named:
        return named
    if kind.KIND not in snapshot.readings:
        gap = snapshot.gap(kind.KIND)
        return (gap,) if gap is not None else ()
    return ()
