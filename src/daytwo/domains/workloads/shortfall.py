"""Why a workload has fewer ready pods than it wants: since when, how its pods stand, and whose fault that is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from daytwo.domains.workloads import pods, scheduling
from daytwo.domains.workloads.creation_failure import CreationFailure, creation_failure
from daytwo.model.command import Command
from daytwo.model.finding import Evidence, Since
from daytwo.model.metadata import Condition, ManagedField, Resource
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolumeClaim

PATIENCE: Final = timedelta(minutes=5)
# Programs may start slowly, DaemonSets and StatefulSets one pod after the other.
LONG_PATIENCE: Final = timedelta(minutes=15)

_WAITING_WORDS: Final = (
    (frozenset({"CrashLoopBackOff"}), "crash-looping"),
    (pods.IMAGE_REASONS, "without image"),
    (pods.CREATION_REASONS, "without a container"),
    (pods.NOT_STARTED_REASONS, "still being set up"),
)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What keeps a workload short of pods. `reason` comes first in a sentence, `states` tells how the pods stand; either may be empty."""

    reason: str
    states: str
    since: Since | None
    because: tuple[Ref, ...]
    evidence: tuple[Evidence, ...]
    confirm: Command | None

    def sentence(self, count: str) -> str:
        """`count` (such as "1 of 3 replicas are available") with what explains it."""
        if self.reason:
            return f"{self.reason}; {count}"
        return f"{count}: {self.states}" if self.states else count


def shortfall(
    workload: Resource, broken: Sequence[Pod], uncreated: int, snapshot: Snapshot, starts: Iterable[Since | None] = ()
) -> Shortfall:
    """Why `broken` pods of a workload are not ready and `uncreated` more do not exist. `starts` are the times its own status tells."""
    refused = creation_failure(workload, snapshot) if uncreated > 0 else None
    began = [*starts, *(pods.unready_since(pod) for pod in broken), refused.since if refused else None]
    evidence = ([refused.evidence] if refused else []) + [pod_evidence(pod) for pod in list(broken)[:3]]
    return Shortfall(
        reason=f"no pod can be created: {refused.reading.words}" if refused else "",
        states=_in_words(broken, uncreated, refused, snapshot),
        since=earliest(began),
        because=refused.reading.because if refused else causes(broken, snapshot) if uncreated <= 0 else (),
        evidence=tuple(evidence),
        confirm=refused.confirm if refused else None,
    )


def share(number: int, wanted: int, noun: str, state: str) -> str:
    """`2 of 3 replicas are available`, `none of its 3 replicas is available`, `its only replica is not available`."""
    if wanted == 1 and number == 0:
        return f"its only {noun} is not {state}"
    if number == 0:
        return f"none of its {wanted} {noun}s is {state}"
    return f"{number} of {wanted} {noun}s {'is' if number == 1 else 'are'} {state}"


def stands_still(updated: int, wanted: int) -> str:
    """`its update stands still: 1 of 2 pods has the new template`"""
    count = f"{updated} of {wanted} pods {'has' if updated == 1 else 'have'}" if updated else "no pod has"
    return f"its update stands still: {count} the new template"


def earliest(starts: Iterable[Since | None]) -> Since | None:
    """The earliest of several starts; of equal ones the exact one."""
    known = [start for start in starts if start is not None]
    return min(known, key=lambda start: (start.at, not start.exact), default=None)


def condition_since(found: Condition | None, status: str) -> Since | None:
    """Since when a condition has this status; None while it has another."""
    if found is None or found.status != status or found.last_transition_time is None:
        return None
    return Since(found.last_transition_time)


def halted_since(members: Iterable[Pod], write: ManagedField | None) -> Since | None:
    """Since when at least an update makes no step: since its newest pod, or since the template was written if that came later."""
    times = [pod.created for pod in members] + [write.time if write is not None else None]
    known = [at for at in times if at is not None]
    return Since(max(known), exact=False) if known else None


def state_of(pod: Pod, snapshot: Snapshot) -> str:
    """How a pod that is not ready stands, to follow "2 pods are"."""
    node = pods.lost_node(pod, snapshot)
    if node is not None:
        return f"on node {node.name}, which is not ready"
    if pod.is_terminating:
        return "being deleted"
    scheduled = pod.condition("PodScheduled")
    if not pod.spec.node_name and (scheduled is None or scheduled.status != "True"):
        return "held back by scheduling gates" if scheduled is not None and scheduled.reason == "SchedulingGated" else "not scheduled"
    for reasons, words in _WAITING_WORDS:
        if pods.waiting(pod, reasons):
            return words
    return "not ready"


def _in_words(broken: Sequence[Pod], uncreated: int, refused: CreationFailure | None, snapshot: Snapshot) -> str:
    """`2 pods are crash-looping, 1 is not scheduled`"""
    counts = Counter(state_of(pod, snapshot) for pod in broken)
    if uncreated > 0 and refused is None:
        counts["not created yet"] += uncreated
    parts: list[str] = []
    for state, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        noun = "" if parts else " pod" if count == 1 else " pods"
        parts.append(f"{count}{noun} {'is' if count == 1 else 'are'} {state}")
    return ", ".join(parts)


def pod_evidence(pod: Pod) -> Evidence:
    """The field that says why a pod is not ready."""
    if pod.is_terminating:
        return Evidence(f"pod {pod.name} is being deleted and still there", pod.metadata.deletion_timestamp)
    scheduled = pod.condition("PodScheduled")
    if scheduled is not None and scheduled.status != "True":
        words = pods.brief(scheduled.message or scheduled.reason)
        return Evidence(f"pod {pod.name}, condition PodScheduled: {words}", scheduled.last_transition_time)
    for status in pod.statuses:
        if status.waiting_reason and status.waiting_reason not in pods.NOT_STARTED_REASONS:
            return Evidence(f"pod {pod.name}: {pods.role(pod, status.name)} waits, {status.waiting_reason}")
    ready = pod.condition("Ready")
    if ready is not None and ready.status != "True":
        return Evidence(f"pod {pod.name}, condition Ready: {ready.message or ready.reason or ready.status}", ready.last_transition_time)
    return Evidence(f"pod {pod.name} is {pod.status.phase or 'without a phase'}", pod.created)


def causes(broken: Sequence[Pod], snapshot: Snapshot) -> tuple[Ref, ...]:
    """What lies below the pods and explains every one of them: the lost nodes they sit on, or the claims they wait for."""
    if not broken:
        return ()
    nodes: dict[Ref, None] = {}
    for pod in broken:
        node = pods.lost_node(pod, snapshot)
        if node is None:
            break
        nodes[node] = None
    else:
        return tuple(nodes)
    claims: dict[Ref, None] = {}
    for pod in broken:
        claim = _blocking_claim(pod, snapshot)
        if claim is None:
            return ()
        claims[claim] = None
    return tuple(claims)


def _blocking_claim(pod: Pod, snapshot: Snapshot) -> Ref | None:
    """The claim that keeps a pod from every node; one that waits for the pod is its symptom."""
    if pod.is_terminating or not scheduling.is_unschedulable(pod):
        return None
    return next((ref for ref in scheduling.explain(pod, snapshot).because if ref.kind == PersistentVolumeClaim.KIND), None)
