"""The check `workloads/daemonset-behind`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.workloads.members import active_pods_of, show_pods
from daytwo.domains.workloads.pods import NEW_NODE, has_settling_node, is_older, lost_node
from daytwo.domains.workloads.shortfall import LONG_PATIENCE, halted_since, share, shortfall, stands_still
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet


@check(
    DaemonSet,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=lambda daemon_set: daemon_set.status.desired_number_scheduled > 0 and not daemon_set.is_terminating,
    basis=Basis.STATE,
)
def daemonset_behind(daemon_set: DaemonSet, snapshot: Snapshot) -> Iterator[Hit]:
    """A DaemonSet that for a quarter of an hour lacks a ready pod on some of its nodes, or does not get on with an update.

    Why: what it does for a node (network, storage, logs) is not done there, and every pod on that node may feel it.
    Fix: mend what keeps the missing pods from running; an update waits until the pods it replaced are ready.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
    Not: pods on nodes that are new, being drained or removed; updates that wait for pods to be deleted by hand (OnDelete);
    misscheduled pods, which every lost node leaves behind.
    """
    if daemon_set.metadata.generation > daemon_set.status.observed_generation:
        return
    members = active_pods_of(daemon_set, snapshot)
    if _missing(daemon_set) > 0:
        yield from _short(daemon_set, members, snapshot)
    elif daemon_set.spec.update_strategy.type != "OnDelete":
        yield from _halfway(daemon_set, members, snapshot)


def _missing(daemon_set: DaemonSet) -> int:
    return daemon_set.status.desired_number_scheduled - daemon_set.status.number_available


def _short(daemon_set: DaemonSet, members: tuple[Pod, ...], snapshot: Snapshot) -> Iterator[Hit]:
    wanted = daemon_set.status.desired_number_scheduled
    unready = [pod for pod in members if not pod.is_ready]
    settling = [pod for pod in unready if has_settling_node(pod, snapshot)]
    lost = [pod for pod in unready if pod not in settling and lost_node(pod, snapshot)]
    broken = [pod for pod in unready if pod not in settling and pod not in lost]
    missing = _missing(daemon_set) - len(settling)
    # A lost node leaves the wanted number, unless the DaemonSet tolerates everything: its pod counts where it is needed to make the sum.
    broken += lost[: max(0, missing - len(broken))]
    uncreated = max(0, missing - len(broken))
    if uncreated:
        without_pod = _settling_nodes(snapshot) - {pod.spec.node_name for pod in members}
        uncreated = max(0, uncreated - len(without_pod))
        missing = len(broken) + uncreated
    if missing <= 0:
        return
    short = shortfall(daemon_set, broken, uncreated, snapshot)
    if short.since is None:
        # No pod was refused and none is broken: nothing is wrong, if all of that could be seen.
        snapshot.require(Pod.KIND, daemon_set.namespace)
        snapshot.require(Event.KIND, daemon_set.namespace)
        return
    if not is_older(short.since, LONG_PATIENCE, snapshot):
        return
    available = daemon_set.status.number_available
    numbers = f"numberAvailable {available} of desiredNumberScheduled {wanted}"
    yield Hit(
        short.sentence(share(available, wanted, "pod", "available")),
        path="status.numberAvailable",
        since=short.since,
        evidence=(Evidence(f"DaemonSet {daemon_set.name}: {numbers}"), *short.evidence),
        because=short.because,
        confirm=short.confirm or show_pods(daemon_set.spec.selector, daemon_set.namespace),
        severity=Severity.HIGH if available * 2 <= wanted else Severity.MEDIUM,
    )


def _settling_nodes(snapshot: Snapshot) -> set[str]:
    """Nodes on which a pod may still be missing: they have just come, or they are about to go."""
    return {node.name for node in snapshot.seen(Node) if node.is_leaving or _is_new(node, snapshot)}


def _is_new(node: Node, snapshot: Snapshot) -> bool:
    return node.created is not None and snapshot.taken_at - node.created < NEW_NODE


def _halfway(daemon_set: DaemonSet, members: tuple[Pod, ...], snapshot: Snapshot) -> Iterator[Hit]:
    wanted, updated = daemon_set.status.desired_number_scheduled, daemon_set.status.updated_number_scheduled
    if updated >= wanted:
        return
    snapshot.require(Pod.KIND, daemon_set.namespace)
    since = halted_since(members, daemon_set.last_write("template"))
    if since is None or not is_older(since, LONG_PATIENCE, snapshot):
        return
    unready = [pod for pod in members if not pod.is_ready and not has_settling_node(pod, snapshot)]
    short = shortfall(daemon_set, unready, 0, snapshot)
    yield Hit(
        short.sentence(stands_still(updated, wanted)),
        path="status.updatedNumberScheduled",
        since=since,
        evidence=(
            Evidence(f"DaemonSet {daemon_set.name}: updatedNumberScheduled {updated} of desiredNumberScheduled {wanted}"),
            *short.evidence,
        ),
        because=short.because,
        confirm=show_pods(daemon_set.spec.selector, daemon_set.namespace),
        severity=Severity.MEDIUM,
    )
