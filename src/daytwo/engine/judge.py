"""Runs checks over a snapshot. The only place that turns what could not be seen into *unknown*."""

from collections.abc import Iterable
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


def judge(snapshot: Snapshot, checks: Iterable[Check]) -> Judgement:
    """Every check on every subject of its kinds.

    A subject for which the check needs a cell that was not read is unknown; so is each cell of subjects that was not read.
    Unknowns are one finding per check and gap, however many subjects they concern.
    """
    findings: list[Finding] = []
    verdicts: dict[str, dict[Verdict, int]] = {}
    for check in checks:
        counts = dict.fromkeys(Verdict, 0)
        unknown: dict[Gap, list[str]] = {}
        if check.basis is Basis.SPEC and not snapshot.has_whole_specs:
            findings.append(_unknown(check, SPECS_NOT_KEPT, []))
            verdicts[check.name] = counts
            continue
        for kind in check.kinds:
            for gap in _gaps(snapshot, kind):
                unknown.setdefault(gap, [])
            for subject in _subjects(snapshot, kind):
                if check.basis is Basis.STATE and subject.is_declared:
                    counts[Verdict.NOT_APPLICABLE] += 1
                    continue
                if check.applies is not None and not check.applies(subject):
                    counts[Verdict.NOT_APPLICABLE] += 1
                    continue
                hits, hidden = _ask(check, subject, snapshot)
                if hidden is not None:
                    unknown.setdefault(hidden, []).append(subject.metadata.namespace)
                counts[Verdict.FAIL if hits else Verdict.UNKNOWN if hidden is not None else Verdict.PASS] += 1
                findings.extend(_failed(check, subject, hit, snapshot) for hit in hits)
        findings.extend(_unknown(check, gap, namespaces) for gap, namespaces in unknown.items())
        verdicts[check.name] = counts
    return Judgement(tuple(findings), verdicts)


def _ask(check: Check, subject: Resource, snapshot: Snapshot) -> tuple[list[Hit], Gap | None]:
    """What a check has to say, and what kept it from saying more: a hit stands, whatever stayed hidden after it."""
    hits: list[Hit] = []
    try:
        options = () if check.options is None else (check.options,)
        for hit in check.function(subject, snapshot, *options):
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


def _subjects(snapshot: Snapshot, kind: type[Resource]) -> Iterable[Resource]:
    if kind is Runnable:
        return snapshot.runnables
    return snapshot.all() if kind is Resource else snapshot.seen(kind)


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
