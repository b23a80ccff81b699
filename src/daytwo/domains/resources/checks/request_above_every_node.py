"""The check `resources/request-above-every-node`."""

from collections.abc import Iterator
from decimal import Decimal

from daytwo.catalog import check
from daytwo.model.allotment import totals
from daytwo.model.cluster_size import is_autoscaled, node_sizes
from daytwo.model.command import kubectl
from daytwo.model.config import ConfigMap
from daytwo.model.finding import Hit
from daytwo.model.node import Node
from daytwo.model.quantity import amount, quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RESOURCES, severity=Severity.MEDIUM, basis=Basis.STATE)
def request_above_every_node(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload of which not one pod fits on any node of the cluster, even an empty one.

    Why: its pods stay Pending for good; of a CronJob that is first noticed when the night's run is missing.
    Fix: lower its requests, or add nodes of that size.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    Not: clusters whose nodes are added as needed (Karpenter, Cluster Autoscaler). Told by what nodes can give at most, whatever runs
    there now; pods that are Pending now are `workloads/unschedulable` as well.
    """
    snapshot.require(ConfigMap.KIND, "kube-system")
    if not snapshot.of(Node) or is_autoscaled(snapshot):
        return
    requests = {resource: value for resource, value in totals(workload, snapshot)[0].items() if value > 0}
    if not requests:
        return
    most: dict[str, Decimal] = {}
    for size in node_sizes(snapshot):
        given = {resource: quantity_or_zero(size.get(resource)) for resource in requests}
        if all(given[resource] >= needed for resource, needed in requests.items()):
            return
        most = {resource: max(most.get(resource, Decimal(0)), value) for resource, value in given.items()}
    short = [resource for resource, needed in sorted(requests.items()) if needed > most[resource]]
    told = " and ".join(f"{amount(one, requests[one])} {one}, of which the largest node has {amount(one, most[one])}" for one in short)
    yield Hit(
        f"no node can hold one of its pods: it asks for {told or 'a combination that no node has'}",
        path=f"{workload.pod_path}.containers",
        confirm=kubectl("describe", "nodes"),
    )
