"""The check `resources/replicas-above-quota`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.policy import ResourceQuota
from daytwo.model.quota import room_in
from daytwo.model.runnable import Runnable
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CustomWorkload, Deployment, ReplicaSet, Rollout, StatefulSet


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.MEDIUM,
    applies=lambda workload: isinstance(workload, Deployment | StatefulSet | ReplicaSet | Rollout | CustomWorkload),
    by_hand="a larger quota or fewer replicas is a decision about the cluster's capacity",
)
def replicas_above_quota(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload whose replicas do not fit into a ResourceQuota of the namespace, even if nothing else ran there.

    Why: the pods above the quota are refused, replicas stay missing, and a rollout that starts one more before it stops one hangs.
    Fix: raise the quota's `spec.hard`, or ask for less.
    Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
    Not: quotas with scopes; what a LimitRange gives by default is counted; of an autoscaled workload its minimum.
    """
    fewest = scale_of(workload, snapshot).fewest
    if fewest < 1:
        return
    for quota in snapshot.of(ResourceQuota, workload.namespace):
        room = room_in(quota, workload, snapshot) if not quota.is_scoped else None
        if room is not None and room[1] < fewest:
            key, pods = room
            yield Hit(
                f"wants {fewest} {'pod' if fewest == 1 else 'pods'}, and ResourceQuota {quota.name} has room for {pods} "
                f"({key} {quota.spec.hard[key]})",
                path="spec.replicas",
                item=quota.name,
            )
