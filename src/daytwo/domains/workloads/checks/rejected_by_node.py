"""The check `workloads/rejected-by-node`."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import pods
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.pod import Pod
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

WINDOW: Final = timedelta(hours=1)
# A handful after the restart of a node is normal.
MANY: Final = 3

# Source: https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/lifecycle/predicate.go
REASONS: Final = {
    "NodeAffinity": "the node's labels do not match what the pod asks for",
    "NodePorts": "a host port was taken",
    "UnexpectedAdmissionError": "the node could not give the devices or resources it promised",
    "TopologyAffinityError": "the node could not place its CPUs and memory together",
    "NodeShutdown": "the node was shutting down",
    "Terminated": "the node was shutting down",
    "Preempting": "a critical pod needed the room",
    "PodOSNotSupported": "the node runs another operating system",
    "PodOSSelectorNodeLabelDoesNotMatch": "the node runs another operating system",
}
_OUT_OF: Final = "OutOf"


def _is_failed(pod: Pod) -> bool:
    return pod.status.phase == "Failed" and not pods.is_of_job(pod)


@check(Pod, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, harm=Harm.ONE_EVENT_AWAY, applies=_is_failed, basis=Basis.STATE)
def rejected_by_node(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """Three or more pods of a workload that the scheduler placed within the last hour and their nodes refused.

    Why: scheduler and kubelet disagree on what the node has; each new pod of the workload may be refused again.
    Fix: look for pods that bypass the scheduler (spec.nodeName, static pods), for devices that broke, and for labels that changed.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename
    Not: pods of a Job, one or two refusals (a node that restarts refuses some), and evictions, which have their own check.
    """
    if not _is_recent(pod, snapshot):
        return
    siblings = (other for other in snapshot.pods_of(snapshot.top_owner(pod)) if _is_recent(other, snapshot))
    # All pods of one workload are one finding, said for the first of them.
    if next(siblings, None) is not pod:
        return
    group = [pod, *siblings]
    if len(group) < MANY:
        return
    reason = Counter(other.status.reason for other in group).most_common(1)[0][0]
    nodes = sorted({other.spec.node_name for other in group})
    why = _words(reason)
    lost = pods.lost_node(pod, snapshot) if len(nodes) == 1 else None
    times = sorted(at for at in map(_at, group) if at is not None)
    shown = ", ".join(nodes[:3]) + (f" and {len(nodes) - 3} more" if len(nodes) > 3 else "")
    yield Hit(
        f"{len(group)} pods were rejected by {'node' if len(nodes) == 1 else 'nodes'} {shown}: {why}",
        path="status.reason",
        since=Since(times[0], exact=False) if times else None,
        evidence=tuple(
            Evidence(
                f"pod {other.name} on node {other.spec.node_name}: {other.status.reason}, {pods.brief(other.status.message)}", _at(other)
            )
            for other in group[:3]
        ),
        because=(lost,) if lost is not None else (),
        confirm=kubectl("get", "pod", pod.name, "-o", "jsonpath={.status.reason} {.status.message}", namespace=pod.namespace),
    )


def _is_recent(pod: Pod, snapshot: Snapshot) -> bool:
    reason = pod.status.reason
    if pod.status.phase != "Failed" or not (reason in REASONS or reason.startswith(_OUT_OF)):
        return False
    at = _at(pod)
    return at is None or snapshot.taken_at - at < WINDOW


def _at(pod: Pod) -> datetime | None:
    disruption = pod.condition("DisruptionTarget")
    if disruption is not None and disruption.last_transition_time is not None:
        return disruption.last_transition_time
    return pod.status.start_time or pod.created


def _words(reason: str) -> str:
    if reason.startswith(_OUT_OF):
        return f"the node had no {reason.removeprefix(_OUT_OF)} left"
    return REASONS[reason]
