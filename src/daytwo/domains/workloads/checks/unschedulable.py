"""The check `workloads/unschedulable`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads.scheduling import explain, is_unschedulable
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.network import EndpointSlice
from daytwo.model.pod import Pod
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(minutes=5)
PATIENCE_WHEN_NOTHING_SERVES: Final = timedelta(minutes=2)
# A new machine takes some minutes to come.
PATIENCE_WITH_AUTOSCALER: Final = timedelta(minutes=15)
PATIENCE_WITH_JOBS: Final = timedelta(hours=1)
_AUTOSCALER_ANSWERS: Final = frozenset({"TriggeredScaleUp", "Nominated"})


@check(
    Pod,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=lambda pod: pod.is_active and not pod.is_mirror,
    basis=Basis.STATE,
)
def unschedulable(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod that the scheduler finds no node for.

    Told after 5 minutes; after 2 when a Service that selects it has no ready endpoint; after 15 while an autoscaler answers or the
    scheduler makes room by preemption; after an hour for pods of Jobs, which may well queue. Why no node takes it is worked out
    again from the nodes, because the scheduler's own message counts each node once and hides the one that matters.
    Why: the replica does not exist for anybody, and the next pod of its kind will wait as well.
    Fix: what the line says is missing: free capacity, a toleration, a label, a volume. Lower requests that are larger than what is used.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
    Not: pods behind a scheduling gate, which wait on purpose, and pods that no scheduler has looked at.
    """
    scheduled = pod.condition("PodScheduled")
    if scheduled is None or not is_unschedulable(pod):
        return
    since = scheduled.last_transition_time or pod.created
    if since is not None and snapshot.taken_at - since < _patience(pod, snapshot):
        return
    found = explain(pod, snapshot)
    facts = [Evidence(fact) for fact in found.facts]
    declined = next((event for event in snapshot.events_of(pod) if event.reason == "NotTriggerScaleUp"), None)
    if declined is not None:
        facts.append(Evidence(f"the autoscaler adds no node: {declined.message}", declined.at))
    facts.append(Evidence(f"pod {pod.name} is unschedulable: {scheduled.message}", scheduled.last_transition_time))
    yield Hit(
        f"unschedulable: {found.why}",
        state="unschedulable",
        why=found.why,
        since=Since(since) if since is not None else None,
        evidence=tuple(facts),
        because=found.because,
        fix=found.fix,
        confirm=kubectl(
            "get", "pod", pod.name, "-o", 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}', namespace=pod.namespace
        ),
    )


def _patience(pod: Pod, snapshot: Snapshot) -> timedelta:
    if pod.controller is not None and pod.controller.kind == "Job":
        return PATIENCE_WITH_JOBS
    if pod.status.nominated_node_name or _autoscaler_answers(pod, snapshot):
        return PATIENCE_WITH_AUTOSCALER
    return PATIENCE_WHEN_NOTHING_SERVES if _nothing_serves(pod, snapshot) else PATIENCE


def _autoscaler_answers(pod: Pod, snapshot: Snapshot) -> bool:
    return any(
        event.reason in _AUTOSCALER_ANSWERS and event.at is not None and snapshot.taken_at - event.at < PATIENCE_WITH_AUTOSCALER
        for event in snapshot.events_of(pod)
    )


def _nothing_serves(pod: Pod, snapshot: Snapshot) -> bool:
    """Whether a Service that selects the pod has nobody to send traffic to."""
    if not snapshot.is_read(EndpointSlice.KIND, pod.namespace):
        return False
    return any(
        not any(endpoint.is_serving for part in snapshot.endpoint_slices(service) for endpoint in part.endpoints)
        for service in snapshot.services_selecting(pod.labels, pod.namespace)
    )
