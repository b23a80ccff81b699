"""From findings to problems: join, weigh, tell, and say what to do next."""

from collections.abc import Iterable
from datetime import timedelta

from daytwo.domains.review import telling
from daytwo.domains.review.change import RolloutSeen, change_before, rollout_of
from daytwo.domains.review.exposure import Standing, standings
from daytwo.domains.review.harm import Weight, weigh_fault, weigh_hygiene, weigh_machinery, weigh_risk
from daytwo.domains.review.joining import Group, join
from daytwo.domains.review.next_step import Situation, next_step
from daytwo.model.command import Next
from daytwo.model.finding import Finding, Since, fingerprint
from daytwo.model.network import HTTPRoute, Ingress, Service
from daytwo.model.node import ZONE_LABEL, Node
from daytwo.model.pod import Pod
from daytwo.model.policy import HorizontalPodAutoscaler, PodDisruptionBudget
from daytwo.model.problem import Affected, Problem
from daytwo.model.ref import Ref
from daytwo.model.severity import Harm, Horizon, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolume, PersistentVolumeClaim, VolumeAttachment
from daytwo.model.workload import Workload

NOBODY_ANSWERS = "network/service-without-ready-endpoints"

# Causes that going back a revision would mend, where the new revision brought them.
_BROUGHT_BY_ROLLOUT = frozenset({"Image", "Registry", "Capacity", "ConfigMap", "Secret", "ServiceAccount", "PriorityClass"})


def problems(findings: Iterable[Finding], snapshot: Snapshot) -> tuple[Problem, ...]:
    """All problems, worst and soonest first; within one rank those with a known start before those without, then by name."""
    found = [
        _hygiene(group) if all(finding.harm is Harm.NONE for finding in group.findings) else _problem(group, snapshot)
        for group in join(findings, snapshot)
    ]
    return tuple(sorted(found, key=_order))


def _order(problem: Problem) -> tuple[int, int, bool, float, str]:
    # Of equals, the one that has hurt longest; one without a known start ranks below timed ones.
    at = problem.since.at.timestamp() if problem.since else 0.0
    return problem.horizon.rank, problem.severity.rank, problem.since is None, at, problem.id


def _hygiene(group: Group) -> Problem:
    """A matter of hygiene, told without looking for who is hurt by it."""
    weight = weigh_hygiene(min((finding.severity for finding in group.findings), key=lambda one: one.rank))
    return Problem(
        id=fingerprint(group.risk, group.cause),
        cause=group.cause,
        subject=telling.subject_name(group.cause),
        title=telling.title(group, group.cause, ()),
        severity=weight.severity,
        horizon=weight.horizon,
        why_horizon=weight.why,
        findings=group.findings,
        know=telling.know(group, None, None),
        timeline=telling.timeline(group, None),
        next=Next(group.head.hit.confirm, note=group.head.hit.fix),
    )


def _problem(group: Group, snapshot: Snapshot) -> Problem:
    broken = frozenset(finding.subject for finding in group.findings if finding.harm is Harm.ACTIVE and finding.subject.kind == Pod.KIND)
    workloads = _workloads_touched(group, snapshot)
    standing = standings(workloads, broken, snapshot)
    since = telling.since(group)
    subject = _subject(group)
    weight = _weight(group, standing, since, snapshot)
    workload = _repairable(group, subject, workloads)
    found = snapshot.find(workload) if workload is not None else None
    rollout: RolloutSeen | None = rollout_of(found, snapshot) if found is not None else None
    change = change_before(group.cause, workloads, since, snapshot) if group.is_fault else None
    return Problem(
        id=fingerprint(group.risk or "problem", group.cause),
        cause=group.cause,
        subject=telling.subject_name(subject),
        title=telling.title(group, subject, standing),
        severity=weight.severity,
        horizon=weight.horizon,
        why_horizon=weight.why,
        findings=group.findings,
        since=since if group.is_fault else None,
        change=change,
        know=telling.know(group, rollout, change),
        timeline=telling.timeline(group, change),
        affected=tuple(_affected(one, snapshot) for one in standing),
        logs=_logs(group, snapshot),
        next=next_step(Situation(group.head, group.cause, workload, rollout, change, snapshot)),
    )


def _subject(group: Group) -> Ref:
    """Whom the row names: the cause; or the one thing that tells of it, if nothing was found on the cause itself."""
    if any(finding.owner == group.cause and finding.harm is not Harm.NONE for finding in group.findings):
        return group.cause
    homes = {finding.owner for finding in group.findings if finding.check == group.head.check}
    return homes.pop() if len(homes) == 1 else group.cause


def _repairable(group: Group, subject: Ref, workloads: tuple[Ref, ...]) -> Ref | None:
    """The workload that going back a revision would mend: the cause itself, or the only one hit by a bad image or a missing object."""
    if subject in workloads:
        return subject
    if group.cause.kind in _BROUGHT_BY_ROLLOUT and len(workloads) == 1:
        return workloads[0]
    return None


def _weight(group: Group, standing: tuple[Standing, ...], since: Since | None, snapshot: Snapshot) -> Weight:
    alike = [finding.severity for finding in group.findings if finding.check == group.head.check]
    severity = min(alike, key=lambda one: one.rank)
    if not group.is_fault:
        exposure = standing[0].exposure if standing and any(finding.owner == standing[0].workload for finding in group.findings) else None
        return weigh_risk(exposure, severity)
    raised = [finding for finding in group.findings if finding.harm is Harm.ACTIVE and finding.severity is Severity.CRITICAL]
    if raised:
        return Weight(Severity.CRITICAL, Horizon.TODAY, f"{raised[0].check} is critical wherever it strikes")
    hurt = [one for one in standing if not (group.cause.kind == Node.KIND and one.workload.kind == "DaemonSet")]
    if group.cause.kind == Node.KIND:
        return _node_weight(hurt)
    if not hurt:
        return weigh_machinery(severity)
    lasting: timedelta | None = snapshot.taken_at - since.at if since is not None else None
    return min((weigh_fault(one, lasting) for one in hurt), key=lambda weight: weight.rank)


def _node_weight(hurt: list[Standing]) -> Weight:
    """A lost node weighs as the worst of its workloads, at least medium while pods wait; once all run elsewhere it can wait."""
    short = [one for one in hurt if one.ready < one.wanted]
    if not short:
        return Weight(Severity.MEDIUM, Horizon.WEEK, "all its workloads run elsewhere")
    worst = min((weigh_fault(one, None) for one in short), key=lambda weight: weight.rank)
    severity = worst.severity if worst.severity.at_least(Severity.MEDIUM) else Severity.MEDIUM
    return Weight(severity, Horizon.TODAY, worst.why)


def _workloads_touched(group: Group, snapshot: Snapshot) -> tuple[Ref, ...]:
    """Whom a fault hurts, or a risk would: all that a lost node runs, too, though nothing was found there yet."""
    harm = Harm.ACTIVE if group.is_fault else Harm.ONE_EVENT_AWAY
    touched = [ref for finding in group.findings if finding.harm is harm for ref in _workloads_of(finding, snapshot)]
    if group.is_fault and group.cause.kind == Node.KIND:
        touched += _workloads_on(group.cause, snapshot)
    return tuple(dict.fromkeys(touched))


def _workloads_of(finding: Finding, snapshot: Snapshot) -> tuple[Ref, ...]:
    """The workloads that a finding touches: its own, or those behind the Service, autoscaler, budget, claim or Ingress it is about.

    A Service with no pods behind it stands for the workload that is missing.
    """
    owner = snapshot.find(finding.owner)
    if isinstance(owner, Workload) or finding.subject.kind == Pod.KIND:
        return (finding.owner,)
    match owner:
        case Service():
            pods = snapshot.pods_selected_by(owner)
            if finding.check == NOBODY_ANSWERS and any(pod.is_ready for pod in pods):
                # The pods are well, and yet nobody answers: the Service itself is what is missing.
                return (owner.ref, *_owners(pods, snapshot))
            return _owners(pods, snapshot) or (owner.ref,)
        case HorizontalPodAutoscaler():
            return (owner.target,) if snapshot.find(owner.target) is not None else ()
        case PodDisruptionBudget() if owner.spec.selector is not None:
            return _owners(snapshot.select_pods(owner.spec.selector, owner.namespace), snapshot)
        case PersistentVolumeClaim():
            return _users_of_claim(owner.namespace, owner.name, snapshot)
        case VolumeAttachment():
            volume = snapshot.find(Ref(PersistentVolume.KIND, "", owner.spec.source.persistent_volume_name))
            claim = volume.spec.claim_ref if isinstance(volume, PersistentVolume) else None
            return _users_of_claim(claim.namespace, claim.name, snapshot) if claim is not None else ()
        case Ingress() | HTTPRoute():
            return tuple(ref for target in finding.hit.because if target.kind == Service.KIND for ref in _behind(target, snapshot))
    return ()


def _behind(service: Ref, snapshot: Snapshot) -> tuple[Ref, ...]:
    found = snapshot.find(service)
    pods = snapshot.pods_selected_by(found) if isinstance(found, Service) else ()
    return _owners(pods, snapshot) or (service,)


def _owners(pods: Iterable[Pod], snapshot: Snapshot) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(snapshot.top_owner(pod) for pod in pods if pod.is_active))


def _users_of_claim(namespace: str, name: str, snapshot: Snapshot) -> tuple[Ref, ...]:
    return _owners((pod for pod in snapshot.seen(Pod, namespace) if name in pod.spec.claim_names(pod.name)), snapshot)


def _workloads_on(node: Ref, snapshot: Snapshot) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(snapshot.top_owner(pod) for pod in snapshot.pods_on(node.name) if not pod.is_finished and not pod.is_mirror))


def _affected(standing: Standing, snapshot: Snapshot) -> Affected:
    pods = [pod for pod in snapshot.pods_of(standing.workload) if not pod.is_finished]
    nodes = sorted({pod.spec.node_name for pod in pods if pod.spec.node_name})
    machines = [snapshot.find(Ref(Node.KIND, "", name)) for name in nodes]
    return Affected(
        workload=standing.workload,
        wanted=standing.wanted,
        ready=standing.ready,
        exposure=str(standing.exposure),
        pods=tuple(sorted(pod.name for pod in pods)),
        nodes=tuple(nodes),
        zones=tuple(sorted({machine.labels[ZONE_LABEL] for machine in machines if machine is not None and ZONE_LABEL in machine.labels})),
        services=standing.services,
    )


def _logs(group: Group, snapshot: Snapshot) -> tuple[str, ...]:
    """The last lines of the crashed container, of one pod, as far as they were asked for and could be read."""
    homes = {finding.subject for finding in group.findings if finding.subject.kind == Pod.KIND}
    lines: dict[tuple[Ref, str], list[str]] = {}
    for occurrence in snapshot.occurrences:
        if occurrence.kind == "log" and occurrence.subject in homes:
            lines.setdefault((occurrence.subject, occurrence.item), []).append(occurrence.summary)
    return tuple(lines[min(lines)][-20:]) if lines else ()
