"""The check `workloads/sandbox-stuck`."""

import re
from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import pods, startup
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

# DaemonSets that give pods their network, by the first part of their names.
NETWORK_AGENTS: Final = (
    "antrea-agent",
    "aws-node",
    "azure-cns",
    "calico-node",
    "canal",
    "cilium",
    "kindnet",
    "kube-flannel",
    "kube-multus",
    "kube-ovn",
    "kube-router",
    "ovnkube-node",
    "weave-net",
)
_NETWORK = re.compile(r"\bcni\b|network|plugin type=|ipam|\bIP addresses?\b", re.IGNORECASE)
_REASONS: Final = (
    (
        re.compile(
            r"no (?:available |free )?IP address|failed to (?:allocate|assign)[^:]*\bIP\b|range is full|no addresses available",
            re.IGNORECASE,
        ),
        "no free IP address",
    ),
    (
        re.compile(r"cni plugin not initialized|NetworkPluginNotReady|network is not ready", re.IGNORECASE),
        "the node's network plugin is not ready",
    ),
    (re.compile(r"no runtime for|runtime handler", re.IGNORECASE), "the node lacks the runtime of its RuntimeClass"),
    (re.compile(r"sandbox image|pause", re.IGNORECASE), "the node cannot pull the pause image"),
    (re.compile(r"no space left on device", re.IGNORECASE), "no space left on the node"),
    (_NETWORK, "the network plugin fails"),
    (re.compile(r"deadline exceeded|timed out", re.IGNORECASE), "the container runtime does not answer in time"),
)


@check(Pod, heading=Heading.RELIABILITY, severity=Severity.HIGH, harm=Harm.ACTIVE, applies=pods.is_starting, basis=Basis.STATE)
def sandbox_stuck(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod that has its node but gets no sandbox there: no network address, or no answer from the container runtime.

    Why: not one of its containers can start; when the node is at fault, neither can any other new pod on it.
    Fix: repair the network plugin or the container runtime of the node; until then cordon it, so that new pods go elsewhere.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-has-network
    Not: the first five minutes, an image that is being pulled, volumes (volume-not-mounted), and nodes that only just came or are
    about to go.
    """
    if pod.status.phase != "Pending":
        return
    found = startup.standstill(pod, snapshot)
    if found is None or found.is_of_volumes:
        return
    event = found.failures[0] if found.failures else None
    why = _why(pod, event)
    cause, evidence = _cause(pod, event, snapshot)
    if event is not None:
        evidence.insert(0, Evidence(pods.brief(event.message, 300), event.at))
    else:
        evidence.insert(0, Evidence(f"pod {pod.name}: on node {pod.spec.node_name}, no container started, no event is left that says why"))
    yield Hit(
        f"cannot start on node {pod.spec.node_name}: {why}",
        path="spec.nodeName",
        state="unable to start",
        why=why,
        since=Since(found.since) if found.since is not None else None,
        evidence=tuple(evidence),
        because=(cause,) if cause is not None else (),
        confirm=pods.show_events(pod),
    )


def _why(pod: Pod, event: Event | None) -> str:
    if event is not None:
        known = next((words for pattern, words in _REASONS if pattern.search(event.message)), "")
        return known or "its sandbox cannot be created"
    if not pod.statuses:
        return "the kubelet has not begun with it"
    return "the kubelet does not get on with it, and no event says why"


def _cause(pod: Pod, event: Event | None, snapshot: Snapshot) -> tuple[Ref | None, list[Evidence]]:
    """The node, when it or its network is not ready or it fails pods of several owners; its network agent, when that is not ready."""
    lost = pods.lost_node(pod, snapshot)
    if lost is not None or event is None:
        return lost, []
    if _NETWORK.search(event.message):
        agent = _broken_agent(pod, snapshot)
        if agent is not None:
            owner = snapshot.top_owner(agent)
            return owner, [
                Evidence(f"pod {agent.namespace}/{agent.name} of {owner.kind} {owner.name} on node {pod.spec.node_name} is not ready")
            ]
    node = Ref("Node", "", pod.spec.node_name)
    if event.reason == "NetworkNotReady":
        return node, []
    owners = sorted({snapshot.top_owner(other) for other in snapshot.pods_on(pod.spec.node_name) if _fails_alike(other, snapshot)})
    if len(owners) > 1:
        return node, [Evidence(f"pods of {len(owners)} workloads on node {pod.spec.node_name} fail in this way")]
    return None, []


def _fails_alike(pod: Pod, snapshot: Snapshot) -> bool:
    return (
        pod.status.phase == "Pending"
        and startup.is_unstarted(pod)
        and any(event.reason in startup.SANDBOX_EVENTS for event in snapshot.events_of(pod))
    )


def _broken_agent(pod: Pod, snapshot: Snapshot) -> Pod | None:
    """The pod of the node's network agent, when it is there and not ready."""
    for other in snapshot.pods_on(pod.spec.node_name):
        controller = other.controller
        is_agent = controller is not None and controller.kind == "DaemonSet" and controller.name.startswith(NETWORK_AGENTS)
        if is_agent and other.is_active and not other.is_ready:
            return other
    return None
