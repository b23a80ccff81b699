"""The check `autoscaling/maximum-above-capacity`."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import workload_of
from daytwo.model.allotment import totals
from daytwo.model.cluster_size import is_autoscaled
from daytwo.model.command import kubectl
from daytwo.model.config import ConfigMap
from daytwo.model.finding import Evidence, Hit
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.quantity import amount, quantity_or_zero
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot

_NOTHING = Decimal(0)


@check(HorizontalPodAutoscaler, heading=Heading.RESOURCES, severity=Severity.LOW, basis=Basis.STATE)
def maximum_above_capacity(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler whose maximum does not fit on the nodes there are, with what runs on them now.

    Why: at the peak the pods above that stay Pending, just when they are needed.
    Fix: add nodes, lower requests that nobody uses, or lower the maximum to what fits.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
    Not: clusters whose nodes are added as needed (Karpenter, Cluster Autoscaler); workloads whose pods request nothing. Counted are
    the pods above those that run now, each on a node that has room for a whole one; tainted and cordoned nodes take none.
    """
    more = autoscaler.spec.max_replicas - autoscaler.status.current_replicas
    snapshot.require(ConfigMap.KIND, "kube-system")
    nodes = snapshot.of(Node)
    if more <= 0 or not nodes or is_autoscaled(snapshot):
        return
    snapshot.require(Pod.KIND)
    workload = workload_of(autoscaler, snapshot)
    if workload is None:
        return
    requests = {resource: value for resource, value in totals(workload, snapshot)[0].items() if value > 0}
    if not requests:
        return
    room = 0
    for free in snapshot.once(_free).values():
        room += _pods_on(free, requests)
        if room >= more:
            return
    told = ", ".join(f"{amount(resource, value)} {resource}" for resource, value in sorted(requests.items()))
    yield Hit(
        f"may want {more} pods more of {workload.ref.kind} {workload.name}, and the nodes have room for {room} (each asks for {told})",
        path="spec.maxReplicas",
        evidence=(Evidence(f"{autoscaler.status.current_replicas} replicas now, spec.maxReplicas is {autoscaler.spec.max_replicas}"),),
        confirm=kubectl("describe", "nodes"),
    )


def _pods_on(free: Mapping[str, Decimal], requests: Mapping[str, Decimal]) -> int:
    slots = int(free.get("pods", _NOTHING))
    return max(0, min([slots, *(int(free.get(resource, _NOTHING) // needed) for resource, needed in requests.items())]))


def _free(snapshot: Snapshot) -> dict[str, dict[str, Decimal]]:
    """Node that takes any pod → what is left of each resource, and of its slots for pods."""
    found: dict[str, dict[str, Decimal]] = {}
    for node in snapshot.seen(Node):
        is_reserved = any(taint.effect in ("NoSchedule", "NoExecute") for taint in node.spec.taints)
        if not node.is_ready or node.spec.unschedulable or is_reserved:
            continue
        free = {resource: quantity_or_zero(value) for resource, value in node.status.allocatable.items()}
        for pod in snapshot.pods_on(node.name):
            if pod.is_finished:
                continue
            for resource, value in (*pod.spec.requests().items(), ("pods", Decimal(1))):
                free[resource] = free.get(resource, _NOTHING) - value
        found[node.name] = free
    return found
