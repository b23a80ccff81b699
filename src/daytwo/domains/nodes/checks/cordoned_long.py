"""The check `nodes/cordoned-long`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.nodes.outage import counted
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.node import Node
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot

_CORDON: Final = "node.kubernetes.io/unschedulable"
_LONG: Final = timedelta(hours=24)


@check(
    Node,
    heading=Heading.OPERATIONS,
    severity=Severity.LOW,
    applies=lambda node: node.spec.unschedulable and not node.is_leaving,
    basis=Basis.STATE,
)
def cordoned_long(node: Node, snapshot: Snapshot) -> Iterator[Hit]:
    """A node that has been cordoned for more than a day.

    Why: it is paid for and takes no new pods; most often somebody forgot to uncordon it.
    Fix: uncordon it, or drain and remove it.
    Not: nodes that an autoscaler or the cloud is removing.
    Source: https://kubernetes.io/docs/concepts/architecture/nodes/#manual-node-administration
    """
    taint, write = node.taint(_CORDON), node.last_write("unschedulable")
    times = [time for time in (taint.time_added if taint else None, write.time if write else None) if time is not None]
    # Without either time, the node's age bounds it: "at least" is then not known, so nothing is said of young nodes.
    since = min(times) if times else node.created
    if since is None or snapshot.taken_at - since < _LONG:
        return
    pods = sum(not pod.is_finished and snapshot.top_owner(pod).kind != "DaemonSet" for pod in snapshot.pods_on(node.name))
    who = f" by {write.manager}" if write is not None and write.manager else ""
    yield Hit(
        f"cordoned{who}, {counted(pods, 'pod')} left on it",
        path="spec.unschedulable",
        since=Since(since, exact=bool(times)),
        evidence=(Evidence(f"taint {_CORDON} was added", taint.time_added),) if taint is not None else (),
        fix=f"if nobody needs it closed: {kubectl('uncordon', node.name)}" if node.is_ready else "it is not ready: leave it cordoned",
        confirm=kubectl("get", "node", node.name, "-o", "jsonpath={.spec.taints}"),
    )
