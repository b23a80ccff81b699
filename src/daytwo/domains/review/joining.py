"""Joins findings that share a cause. Pure: findings and their proven links in, groups out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daytwo.domains.review.precedence import SYMPTOMS, cause_rank, head_rank
from daytwo.model.finding import Finding
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Verdict
from daytwo.model.snapshot import Snapshot

# Clocks of nodes, controllers and the API server differ a little.
CLOCK_TOLERANCE: Final = timedelta(minutes=2)

SHARED: Final = "shared"
STANDARDS: Final = "standards"
ROLLOUT_STUCK: Final = "workloads/rollout-stuck"
MACHINES: Final = frozenset({"ControlPlane", "Zone", "Node"})
EVENTS: Final = "control-plane/warning-events"


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one cause. `risk` is empty for an active fault; otherwise it is the one check that found them, `shared`, or
    `standards` for all that one object is not set up as it should be."""

    cause: Ref
    findings: tuple[Finding, ...]
    risk: str = ""

    @property
    def is_fault(self) -> bool:
        return not self.risk

    @property
    def head(self) -> Finding:
        """The finding that tells it best: of standards the worst; else one on the cause itself, by precedence, the oldest first."""
        if self.risk == STANDARDS:
            return min(self.findings, key=lambda finding: (finding.severity.rank, finding.check, finding.hit.item))
        return min(self.findings, key=lambda finding: _telling(finding, self.cause))


def join(findings: Iterable[Finding], snapshot: Snapshot) -> tuple[Group, ...]:
    """Groups of active faults, one a cause, then one for each risk or matter of hygiene that no fault covers."""
    failed: list[Finding] = []
    standards: dict[Ref, list[Finding]] = {}
    for finding in findings:
        if finding.verdict is Verdict.FAIL:
            # How something is set up has no cause but whoever set it up.
            is_standard = finding.basis is Basis.SPEC and finding.harm is Harm.NONE
            (standards.setdefault(finding.owner, []) if is_standard else failed).append(finding)
    links = _Links(failed, snapshot)
    faults: dict[Ref, list[Finding]] = {}
    rest: list[Finding] = []
    for finding in failed:
        if finding.harm is Harm.ACTIVE:
            faults.setdefault(links.cause_of(finding), []).append(finding)
        else:
            rest.append(finding)
    cause_by_home: dict[Ref, Ref] = {}
    for cause, members in faults.items():
        for owner in {finding.owner for finding in members}:
            cause_by_home[owner] = min(cause, cause_by_home.get(owner, cause), key=lambda ref: (ref != owner, cause_rank(ref.kind), ref))
    risks: list[Finding] = []
    for finding in rest:
        covering = _fault_covering(finding, links, faults, cause_by_home)
        if covering is not None:
            faults[covering].append(finding)
        else:
            risks.append(finding)
    groups = [Group(cause, tuple(members)) for cause, members in faults.items()]
    unmet = [Group(owner, tuple(members), STANDARDS) for owner, members in standards.items()]
    return (*groups, *_risk_groups(risks, links), *unmet)


def _risk_groups(risks: list[Finding], links: "_Links") -> tuple[Group, ...]:
    """Risks that share a cause, such as a broken metrics API under several autoscalers, are one; the others are one a check and owner."""
    shared = {finding: links.shared_cause(finding) for finding in risks}
    causes = {cause for cause in shared.values() if cause is not None}
    groups: dict[tuple[str, Ref], list[Finding]] = {}
    first_at_home = {finding.owner: finding.check for finding in reversed(risks) if finding.check not in SYMPTOMS}
    for finding in risks:
        cause = shared.get(finding) or (finding.owner if finding.owner in causes else None)
        groups.setdefault((SHARED, cause) if cause is not None else (_told_by(finding, first_at_home), finding.owner), []).append(finding)
    return tuple(Group(cause, tuple(members), risk) for (risk, cause), members in groups.items())


def _told_by(finding: Finding, first_at_home: dict[Ref, str]) -> str:
    """The check under which a matter is told: an event or another symptom goes with what explains its object, if anything does."""
    return first_at_home.get(finding.owner, finding.check) if finding.check == EVENTS else finding.check


def _fault_covering(finding: Finding, links: "_Links", faults: dict[Ref, list[Finding]], homes: dict[Ref, Ref]) -> Ref | None:
    """The active fault that a finding which is no fault itself belongs to, if any."""
    if finding.hit.because:
        cause = links.cause_of(finding)
        if cause in faults:
            return cause
        for ref in links.targets(finding):
            if ref in homes:
                return homes[ref]
    return homes.get(finding.owner)


class _Links:
    """Who is due to whom, resolved to the deepest cause."""

    def __init__(self, findings: list[Finding], snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._at_home: dict[Ref, list[Finding]] = {}
        self._on_subject: dict[Ref, list[Finding]] = {}
        for finding in findings:
            if finding.harm is Harm.NONE and not finding.hit.because:
                continue
            self._at_home.setdefault(finding.owner, []).append(finding)
            self._on_subject.setdefault(finding.subject, []).append(finding)
        self._causes: dict[Ref, Ref] = {}
        self._normal: dict[Ref, Ref] = {}

    def targets(self, finding: Finding) -> tuple[Ref, ...]:
        """What a finding says it is due to, each as its top owner, deepest kind first; links that time contradicts are left out."""
        refs = {self._normalized(ref) for ref in finding.hit.because}
        refs.discard(finding.owner)
        kept = [ref for ref in refs if self._in_time(ref, finding)]
        return tuple(sorted(kept, key=lambda ref: (cause_rank(ref.kind), ref)))

    def cause_of(self, finding: Finding) -> Ref:
        """The cause at the end of the chain that begins at this finding."""
        # A pod has one cause: what explains one of its findings explains the others.
        siblings = self._on_subject.get(finding.subject, []) if finding.subject != finding.owner else []
        targets = self._sorted_targets([finding]) or self._sorted_targets(siblings)
        if targets:
            return self._end(targets[0])
        if finding.check == ROLLOUT_STUCK:
            return self._blocker(finding.owner)
        own = [sibling for sibling in siblings if sibling.check not in SYMPTOMS]
        return self._end(finding.owner) if finding.check in SYMPTOMS and not own else finding.owner

    def _blocker(self, home: Ref) -> Ref:
        """What keeps a rollout from completing: what its new pods suffer, before a node that some old pod lost."""
        if self._blames(home) is None:
            return home
        targets = {target for finding in self._at_home.get(home, []) for target in self.targets(finding)[:1]}
        suffered = [target for target in targets if target.kind not in MACHINES]
        return self._end(min(suffered, key=lambda ref: (cause_rank(ref.kind), ref)) if suffered else home)

    def shared_cause(self, finding: Finding) -> Ref | None:
        """The cause of a risk, if it is due to something else."""
        targets = self.targets(finding)
        return self._end(targets[0]) if targets else None

    def _end(self, home: Ref) -> Ref:
        """The last of the homes that blame each other in a row. Of a circle, its deepest kind: somebody must be named."""
        known = self._causes.get(home)
        if known is None:
            path = [home]
            while (blamed := self._blames(path[-1])) is not None and blamed not in path:
                path.append(blamed)
            circle = path[path.index(blamed) :] if blamed is not None else path[-1:]
            known = self._causes[home] = min(circle, key=lambda ref: (cause_rank(ref.kind), ref))
        return known

    def _blames(self, home: Ref) -> Ref | None:
        """What a home is due to, by most of its findings; None for a home with a fault of its own."""
        findings = [finding for finding in self._at_home.get(home, []) if finding.harm is Harm.ACTIVE or finding.hit.because]
        targets = {finding: self.targets(finding) for finding in findings}
        explained = {finding.subject for finding in findings if targets[finding]}
        for finding in findings:
            if finding.harm is Harm.ACTIVE and finding.check not in SYMPTOMS and finding.subject not in explained:
                return None
        votes = Counter(targets[finding][0] for finding in findings if targets[finding])
        return min(votes, key=lambda ref: (cause_rank(ref.kind), -votes[ref], ref)) if votes else None

    def _sorted_targets(self, findings: list[Finding]) -> list[Ref]:
        refs = {target for finding in findings for target in self.targets(finding)}
        return sorted(refs, key=lambda ref: (cause_rank(ref.kind), ref))

    def _normalized(self, ref: Ref) -> Ref:
        known = self._normal.get(ref)
        if known is None:
            found = self._snapshot.find(ref)
            known = self._normal[ref] = self._snapshot.top_owner(found) if found is not None else ref
        return known

    def _in_time(self, cause: Ref, symptom: Finding) -> bool:
        """A cause may not start later than its symptom; unknown or open starts do not forbid."""
        since = symptom.hit.since
        if since is None or not since.exact:
            return True
        starts: list[datetime] = []
        for finding in self._at_home.get(cause, []):
            began = finding.hit.since
            if began is None or not began.exact:
                return True
            starts.append(began.at)
        return not starts or min(starts) <= since.at + CLOCK_TOLERANCE


def _telling(finding: Finding, cause: Ref) -> tuple[bool, bool, int, bool, float, Ref]:
    since = finding.hit.since
    return (
        finding.owner != cause,
        finding.harm is not Harm.ACTIVE,
        head_rank(finding.check),
        # A pod's own state tells more than a summary of several.
        finding.subject.kind != Pod.KIND,
        since.at.timestamp() if since else float("inf"),
        finding.subject,
    )
