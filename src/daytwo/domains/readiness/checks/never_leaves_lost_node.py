"""The check `readiness/never-leaves-lost-node`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.pod import Pod
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    applies=lambda runnable: not isinstance(runnable, DaemonSet | Pod),
    by_hand="how long it may be away before another should start only its owner knows",
)
def never_leaves_lost_node(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods tolerate for ever that their node is lost.

    Why: when a node stops answering, its pods are replaced after five minutes. Those that tolerate this without a limit are not: the
    workload stays short of them until somebody acts.
    Fix: limit the toleration with tolerationSeconds, or name the taints that are really meant.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
    Not: DaemonSets, whose pods belong to their node, and tolerations with a time limit. A toleration of everything counts.
    """
    for index, toleration in enumerate(runnable.pod_spec.tolerations):
        is_of_lost = toleration.key in ("node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready")
        is_of_all = not toleration.key and toleration.operator == "Exists"
        if (is_of_lost or is_of_all) and toleration.effect in ("", "NoExecute") and toleration.toleration_seconds is None:
            what = toleration.key if is_of_lost else "every taint"
            yield Hit(
                f"its pods tolerate {what} without a time limit: on a node that is lost they stay for ever",
                path=f"{runnable.pod_path}.tolerations[{index}]",
                item=toleration.key,
            )
