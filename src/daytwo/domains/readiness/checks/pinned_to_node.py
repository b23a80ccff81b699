"""The check `readiness/pinned-to-node`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.spreading import HOST
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.pod import Pod
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    applies=lambda runnable: not isinstance(runnable, Pod | DaemonSet),
    by_hand="why it needs that node only its owner knows",
)
def pinned_to_node(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A template names the one node that its pods may run on.

    Why: when that node is drained, full or gone they run nowhere. With nodeName the scheduler is not even asked: the kubelet refuses
    pods that do not fit, again and again.
    Fix: select nodes by a label that several of them carry, and keep data on volumes that know where they can be used.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename
    Not: pods themselves, into which the scheduler writes their node, and DaemonSets.
    """
    spec = runnable.pod_spec
    if spec.node_name:
        yield Hit(f"its pods may run on node {spec.node_name} only, and pass by the scheduler", f"{runnable.pod_path}.nodeName")
    elif node := spec.node_selector.get(HOST):
        yield Hit(f"its pods may run on node {node} only", join(f"{runnable.pod_path}.nodeSelector", HOST))
