"""The check `workloads/evicted`."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import pods
from daytwo.model.command import Command, kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

WINDOW: Final = timedelta(hours=24)
MANY: Final = 3

_LOW = re.compile(r"low on resource: ([\w./-]+?)\.?(?:\s|$)")
_CONDITION = re.compile(r"had condition: \[([^\]]+)\]")
_OWN_LIMITS: Final = (
    (re.compile(r'Usage of EmptyDir volume "([^"]+)" exceeds the limit "([^"]+)"'), "volume {} grew beyond its size limit {}"),
    (re.compile(r'Container (\S+) exceeded its local ephemeral storage limit "([^"]+)"'), "container {} wrote more than its disk limit {}"),
    (
        re.compile(r"ephemeral local storage usage exceeds the total limit of containers (\S+?)\.?(?:\s|$)"),
        "it wrote more than its disk limit {}",
    ),
)
_RESOURCES: Final = {"memory": "memory", "ephemeral-storage": "disk space", "inodes": "inodes", "pids": "process ids"}
_PRESSURES: Final = {
    "memory": "MemoryPressure",
    "ephemeral-storage": "DiskPressure",
    "inodes": "DiskPressure",
    "pids": "PIDPressure",
}


def _is_failed(pod: Pod) -> bool:
    return pod.status.phase == "Failed" and not pods.is_of_job(pod)


@check(Pod, heading=Heading.RESOURCES, severity=Severity.MEDIUM, applies=_is_failed, basis=Basis.STATE)
def evicted(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods that a node threw out within the last day, to save itself or because they outgrew their disk limit.

    One finding for each workload and node, with their number.

    Why: their work was cut off, and where the node stays short their replacements go the same way.
    Fix: set requests to what the pods really use, so that the scheduler spreads them; or raise the limit that they outgrew.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
    Not: pods of a Job, and evictions through the API (a drain): those leave no pod behind.
    """
    if not _is_recent(pod, snapshot):
        return
    # All pods of one workload and node are one finding, said for the first of them.
    node = pod.spec.node_name
    siblings = (
        other for other in snapshot.pods_of(snapshot.top_owner(pod)) if other.spec.node_name == node and _is_recent(other, snapshot)
    )
    if next(siblings, None) is not pod:
        return
    group = [pod, *siblings]
    why, pressure = _why(pod)
    cause = pods.lost_node(pod, snapshot) or _short_node(pod, pressure, snapshot)
    times = sorted(at for at in map(_at, group) if at is not None)
    yield Hit(
        f"{len(group)} {'pod' if len(group) == 1 else 'pods'} evicted from node {node}: {why}",
        path="status.message",
        item=node,
        since=Since(times[0]) if times else None,
        evidence=tuple(_evidence(group, cause, snapshot)),
        because=(cause,) if cause is not None else (),
        confirm=_confirm(pod),
        harm=Harm.ONE_EVENT_AWAY if len(group) >= MANY or cause is not None else Harm.NONE,
    )


def _is_recent(pod: Pod, snapshot: Snapshot) -> bool:
    if pod.status.reason != "Evicted" or pod.status.phase != "Failed":
        return False
    at = _at(pod)
    return at is None or snapshot.taken_at - at < WINDOW


def _at(pod: Pod) -> datetime | None:
    """When it was evicted: the object stays for long."""
    disruption = pod.condition("DisruptionTarget")
    if disruption is not None and disruption.last_transition_time is not None:
        return disruption.last_transition_time
    ends = [status.state.terminated.finished_at for status in pod.statuses if status.state.terminated is not None]
    known = [end for end in ends if end is not None]
    return max(known) if known else pod.status.start_time or pod.created


def _why(pod: Pod) -> tuple[str, str]:
    """The reason in words, and the node's pressure that would confirm it."""
    message = pod.status.message
    for pattern, words in _OWN_LIMITS:
        own = pattern.search(message)
        if own is not None:
            return words.format(*own.groups()), ""
    low = _LOW.search(message)
    if low is not None:
        resource = low.group(1)
        return f"the node was low on {_RESOURCES.get(resource, resource)}", _PRESSURES.get(resource, "")
    had = _CONDITION.search(message)
    if had is not None:
        return f"the node was under {had.group(1)}", had.group(1).partition(" ")[0].rstrip(",")
    return "the node was short of something", ""


def _short_node(pod: Pod, pressure: str, snapshot: Snapshot) -> Ref | None:
    """The node, when it is under that pressure still or says that it crossed the threshold."""
    node = snapshot.node_of(pod)
    if node is None or not pressure:
        return None
    return node.ref if _is_under(node, pressure) or _has_crossed(node, snapshot) else None


def _is_under(node: Node, pressure: str) -> bool:
    condition = node.condition(pressure)
    return condition is not None and condition.status == "True"


def _has_crossed(node: Node, snapshot: Snapshot) -> bool:
    return any(event.reason == "EvictionThresholdMet" for event in snapshot.events_of(node))


def _evidence(group: list[Pod], cause: Ref | None, snapshot: Snapshot) -> Iterator[Evidence]:
    for pod in group[:3]:
        yield Evidence(f"pod {pod.name}: {pods.brief(pod.status.message) or 'Evicted'}", _at(pod))
    if len(group) > 3:
        yield Evidence(f"and {len(group) - 3} more pods")
    node = snapshot.node_of(group[0])
    if cause is not None and node is not None:
        pressures = [
            condition.type for condition in node.status.conditions if condition.type in _PRESSURES.values() and condition.status == "True"
        ]
        yield Evidence(f"node {node.name}: {', '.join(pressures)} now" if pressures else f"node {node.name}: event EvictionThresholdMet")


def _confirm(pod: Pod) -> Command:
    return kubectl("get", "pod", pod.name, "-o", "jsonpath={.status.message}", namespace=pod.namespace)
