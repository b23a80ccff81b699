"""The check `nodes/not-ready`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.nodes.outage import LEASE_NAMESPACE, is_control_planes_fault, is_zone_lost, outage, toll
from daytwo.domains.nodes.plain_words import in_plain_words, is_network
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.node import Lease, Node
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet


@check(
    Node, heading=Heading.RELIABILITY, severity=Severity.HIGH, harm=Harm.ACTIVE, applies=lambda node: not node.is_leaving, basis=Basis.STATE
)
def not_ready(node: Node, snapshot: Snapshot) -> Iterator[Hit]:
    """A node whose kubelet stopped reporting, or reports that it cannot run pods.

    Why: its pods get no traffic and after five minutes are evicted; volumes of StatefulSets stay attached to it until it is proved off.
    Fix: restart or replace the machine outside Kubernetes. Force-delete nothing while it may still run.
    Not: nodes that are removed on purpose (deleted, or tainted by an autoscaler or the cloud), drained nodes on which no workload's pod
    is left, machines that shut down just now, and nodes younger than ten minutes.
    Source: https://kubernetes.io/docs/concepts/architecture/nodes/#node-status
    """
    found = outage(node, snapshot)
    if found is None:
        return
    because = _because(node, snapshot)
    zone = node.zone if because and because[0].kind == "Zone" else ""
    fallen = [one for one in snapshot.seen(Node) if one.zone == zone] if zone else [node]
    loss = toll(fallen, snapshot)
    tail = f"; {loss.words('on them' if zone else 'on it')}" if loss is not None else ""
    everywhere = f" on all {len(fallen)} nodes of zone {zone}" if zone else ""
    facts = loss.evidence if loss is not None else ()
    if found.is_silent:
        lease = snapshot.find(Ref(Lease.KIND, LEASE_NAMESPACE, node.name))
        sign = Evidence("last sign of life: its Lease was renewed", lease.spec.renew_time) if isinstance(lease, Lease) else None
        words = f"kubelet stopped reporting{everywhere}" if node.condition("Ready") else "it never joined"
        yield Hit(
            f"not ready: {words}{tail}",
            path="status.conditions[Ready]",
            since=found.since,
            because=because,
            evidence=(*((sign,) if sign else ()), *facts),
            confirm=kubectl("get", "lease", node.name, "-o", "jsonpath={.spec.renewTime}", namespace=LEASE_NAMESPACE)
            if sign
            else kubectl("describe", "node", node.name),
        )
        return
    plugin = _broken_network_plugin(node, snapshot) if is_network(found.message) else None
    yield Hit(
        f"not ready: {in_plain_words(found.message)}{everywhere}{tail}",
        path="status.conditions[Ready]",
        since=found.since,
        because=(plugin,) if plugin is not None else because,
        evidence=(Evidence(f"the kubelet says: {found.message}", found.since.at if found.since else None), *facts),
        confirm=kubectl("get", "node", node.name, "-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].message}'),
    )


def _because(node: Node, snapshot: Snapshot) -> tuple[Ref, ...]:
    if is_control_planes_fault(snapshot):
        return (Ref("ControlPlane", "", "api-server"),)
    return (Ref("Zone", "", node.zone),) if is_zone_lost(node.zone, snapshot) else ()


def _broken_network_plugin(node: Node, snapshot: Snapshot) -> Ref | None:
    """The DaemonSet of kube-system whose pod on this node uses the host's network, mounts the plugins' folder, and is not ready."""
    for pod in snapshot.pods_on(node.name):
        owner = snapshot.top_owner(pod)
        mounts_plugins = any(volume.host_path is not None and "/cni" in volume.host_path.path for volume in pod.spec.volumes)
        if owner.kind == DaemonSet.KIND and mounts_plugins and not pod.is_ready:
            return owner
    return None
