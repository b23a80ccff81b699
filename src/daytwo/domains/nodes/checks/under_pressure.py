"""The check `nodes/under-pressure`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.node import Node
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

# Other condition types use both polarities (KernelDeadlock True is bad, KernelReady True is good): only known ones are judged.
_PRESSURES: Final = {
    "MemoryPressure": ("memory", "evicts pods until there is memory again"),
    "DiskPressure": ("disk space", "deletes unused images and evicts pods until there is space again"),
    "PIDPressure": ("process ids", "evicts pods until there are process ids again"),
}
_EVENTS: Final = frozenset({"EvictionThresholdMet", "FreeDiskSpaceFailed", "ImageGCFailed", "SystemOOM"})
_PATIENCE: Final = timedelta(minutes=5)


@check(
    Node, heading=Heading.RESOURCES, severity=Severity.MEDIUM, harm=Harm.ACTIVE, applies=lambda node: not node.is_leaving, basis=Basis.STATE
)
def under_pressure(node: Node, snapshot: Snapshot) -> Iterator[Hit]:
    """A node that has been short of memory, disk space or process ids for five minutes.

    Why: the kubelet takes no new pods and evicts those it has, beginning with those that use more than they asked for.
    Fix: find what uses it up, give those pods honest requests and limits, or drain the node.
    Not: conditions that are Unknown (the node is lost, not short), and condition types that Kubernetes does not define.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
    """
    for type, (what, does) in _PRESSURES.items():
        pressure = node.condition(type)
        if pressure is None or pressure.status != "True":
            continue
        since = pressure.last_transition_time
        if since is not None and snapshot.taken_at - since < _PATIENCE:
            continue
        events = [event for event in snapshot.events_of(node) if event.reason in _EVENTS]
        evicted = sum(pod.status.reason == "Evicted" for pod in snapshot.pods_on(node.name))
        facts = [Evidence(f"condition {type} is True: {pressure.message}", since)]
        if evicted:
            facts.append(Evidence(f"{evicted} evicted {'pod is' if evicted == 1 else 'pods are'} still listed on it"))
        facts.extend(Evidence(f"event {event.reason}: {event.message}", event.at) for event in events[:2])
        yield Hit(
            f"short of {what}: the kubelet {does}",
            item=type,
            path=f"status.conditions[{type}]",
            since=Since(since, exact=False) if since is not None else None,
            evidence=tuple(facts),
            confirm=kubectl("describe", "node", node.name),
        )
