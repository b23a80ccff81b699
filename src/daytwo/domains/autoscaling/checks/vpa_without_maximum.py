"""The check `autoscaling/vpa-without-maximum`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import workload_of
from daytwo.model.autoscaler import VerticalPodAutoscaler
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    VerticalPodAutoscaler,
    heading=Heading.RESOURCES,
    severity=Severity.LOW,
    by_hand="how much a container may be given at most depends on the nodes and on who pays",
)
def vpa_without_maximum(vertical: VerticalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """A VerticalPodAutoscaler that may raise requests without a bound.

    Why: a leak or a peak raises the recommendation above what any node can give; the pod is evicted for it and stays Pending.
    Fix: set maxAllowed for each container, or for all with containerName `*`.
    Source: https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/known-limitations.md
    Not: `updateMode: "Off"`, which only advises; a maximum that the recommender has for the whole cluster cannot be seen here.
    """
    workload = workload_of(vertical, snapshot)
    if workload is None:
        return
    policies = {policy.container_name: policy for policy in vertical.spec.resource_policy.container_policies}
    for placed in workload.running_containers():
        name = placed.container.name
        policy = policies.get(name) or policies.get("*")
        unbounded = [
            resource
            for resource in ("cpu", "memory")
            if vertical.controls(name, resource) and (policy is None or resource not in policy.max_allowed)
        ]
        if unbounded:
            yield Hit(
                f"may raise the {' and '.join(unbounded)} requests of {placed.role} {name} without a bound",
                path="spec.resourcePolicy.containerPolicies",
                item=name,
                fix=f"set maxAllowed for {' and '.join(unbounded)}",
            )
