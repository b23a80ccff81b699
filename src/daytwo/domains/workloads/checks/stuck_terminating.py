"""The check `workloads/stuck-terminating`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import pods
from daytwo.model.command import Command, kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.moment import span
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(minutes=5)
# A node that is being removed takes its pods with it; that takes longer than one pod, but not for ever.
REMOVAL: Final = timedelta(hours=1)
FAILED_STOPS: Final = frozenset({"FailedKillPod", "FailedPreStopHook", "FailedUnmount", "FailedUnMount", "FailedDelete"})


@check(
    Pod,
    heading=Heading.OPERATIONS,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    applies=lambda pod: pod.is_terminating,
    basis=Basis.STATE,
)
def stuck_terminating(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod that should have been gone five minutes ago, its grace period included.

    Why: a StatefulSet makes no replacement until it is gone, its volumes stay where they are, and drains and namespaces wait for it.
    Fix: a finalizer waits for the controller that set it; a lost node must come back or be proven off. Forcing the deletion while the
    container may still run can put two writers on one volume.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
    Not: pods of a node that is being removed, for an hour.
    """
    deleted = pod.metadata.deletion_timestamp
    if deleted is None or snapshot.taken_at - deleted < PATIENCE:
        return
    lost = pods.lost_node(pod, snapshot) or _gone_node(pod, snapshot)
    is_leaving = lost is None and not pod.metadata.finalizers and pods.has_settling_node(pod, snapshot)
    if is_leaving and snapshot.taken_at - deleted < REMOVAL:
        return
    why, evidence = _why(pod, lost, snapshot)
    grace = pod.metadata.deletion_grace_period_seconds or 0
    controller = pod.controller
    has_no_substitute = controller is not None and controller.kind == "StatefulSet"
    yield Hit(
        f"stuck terminating: {why}",
        path="metadata.finalizers" if pod.metadata.finalizers and lost is None else "metadata.deletionTimestamp",
        state="stuck terminating",
        why=why,
        # Once stopped, the stamp moves to that moment and the grace period to 0: when it was asked for is lost.
        since=Since(deleted - span(grace), exact=grace > 0),
        evidence=(Evidence(f"pod {pod.name}: deletion is due, grace period included", deleted), *evidence),
        because=(lost,) if lost is not None else (),
        confirm=_confirm(pod, lost),
        harm=Harm.ACTIVE if has_no_substitute else None,
    )


def _gone_node(pod: Pod, snapshot: Snapshot) -> Ref | None:
    """The pod's node if it is proven not to exist any more."""
    name = pod.spec.node_name
    if name and snapshot.node_of(pod) is None and snapshot.is_read("Node"):
        return Ref("Node", "", name)
    return None


def _why(pod: Pod, lost: Ref | None, snapshot: Snapshot) -> tuple[str, list[Evidence]]:
    if lost is not None:
        state = "is not ready" if snapshot.node_of(pod) is not None else "is not there"
        return f"its node {state}", [Evidence(f"node {lost.name} {state}")]
    running = [status.name for status in pod.statuses if status.state.running is not None]
    finalizers = pod.metadata.finalizers
    if finalizers and not running:
        what = "finalizer" if len(finalizers) == 1 else "finalizers"
        return f"{what} {', '.join(finalizers)} not removed", []
    told = pods.newest(snapshot.events_of(pod), lambda event: event.reason in FAILED_STOPS)
    evidence = [Evidence(pods.brief(told.message), told.at)] if told is not None else []
    if running:
        named = f"container {running[0]} does" if len(running) == 1 else "its containers do"
        return f"{named} not stop", evidence
    if told is not None and "mount" in told.reason.lower():
        return "its volumes cannot be unmounted", evidence
    return "its containers ended, but its kubelet does not let it go", evidence


def _confirm(pod: Pod, lost: Ref | None) -> Command:
    if lost is not None:
        return kubectl("get", "nodes", "-o", "wide")
    if pod.metadata.finalizers:
        return kubectl("get", "pod", pod.name, "-o", "jsonpath={.metadata.finalizers}", namespace=pod.namespace)
    return pods.show_events(pod)
