"""The check `autoscaling/maximum-above-quota`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import workload_of
from daytwo.model.autoscaler import ScaledObject
from daytwo.model.finding import Hit
from daytwo.model.policy import HorizontalPodAutoscaler, ResourceQuota
from daytwo.model.quota import room_in
from daytwo.model.scaling import Scaler, bounds
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    HorizontalPodAutoscaler,
    ScaledObject,
    heading=Heading.RESOURCES,
    severity=Severity.LOW,
    applies=lambda scaler: isinstance(scaler, ScaledObject) or scaler.controller is None,
    by_hand="a larger quota or a lower maximum is a decision about the cluster's capacity",
)
def maximum_above_quota(scaler: Scaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler that may ask for more pods than a ResourceQuota of the namespace has room for, even if nothing else ran there.

    Why: at the peak the API server refuses the pods above the quota, and only an event tells.
    Fix: raise the quota's `spec.hard`, or lower the maximum to what it allows.
    Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
    Not: quotas with scopes, which count only some pods; requests that a LimitRange gives are counted.
    """
    quotas = [quota for quota in snapshot.of(ResourceQuota, scaler.namespace) if not quota.is_scoped]
    workload = workload_of(scaler, snapshot) if quotas else None
    if workload is None:
        return
    most = bounds(scaler)[1]
    for quota in quotas:
        room = room_in(quota, workload, snapshot)
        if room is not None and room[1] < most:
            key, pods = room
            yield Hit(
                f"may scale {workload.ref.kind} {workload.name} to {most} pods, and ResourceQuota {quota.name} has room for {pods} "
                f"({key} {quota.spec.hard[key]})",
                path="spec.maxReplicaCount" if isinstance(scaler, ScaledObject) else "spec.maxReplicas",
                item=quota.name,
            )
