"""The check `resources/quota-refuses-pods`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import limit_path, named, request_path
from daytwo.model.allotment import names_limit, names_request, pod_level
from daytwo.model.finding import Hit
from daytwo.model.policy import ResourceQuota
from daytwo.model.quota import DEMANDED
from daytwo.model.runnable import Role, Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RESOURCES, severity=Severity.HIGH, by_hand="how much a container needs is only known by who runs it")
def quota_refuses_pods(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload that does not say how much it needs, in a namespace whose ResourceQuota counts that.

    Why: a quota on CPU or memory refuses every pod of which one container, init containers included, does not name it. The workload
    is accepted; its pods are not, and only an event on the ReplicaSet says so.
    Fix: set what the quota counts on every container, or give the namespace a LimitRange with defaults.
    Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
    Not: containers that a LimitRange gives defaults to; pods that name anything as a whole, in
    `spec.resources`, which are not asked about their containers; quotas with scopes, which
    count only some pods; quotas on local storage, which refuse nobody for silence.
    """
    whole = pod_level(workload)
    if whole.requests or whole.limits:
        return
    for quota in snapshot.of(ResourceQuota, workload.namespace):
        if quota.is_scoped:
            continue
        for key in sorted(DEMANDED.keys() & quota.spec.hard.keys()):
            side, resource = DEMANDED[key]
            names = names_request if side == "requests" else names_limit
            silent = [
                placed
                for placed in workload.all_containers()
                if placed.role is not Role.EPHEMERAL and not names(placed.container, workload, resource, snapshot)
            ]
            if silent:
                yield Hit(
                    f"ResourceQuota {quota.name} counts {key}, and {named(silent[0])} names no {resource} {side.removesuffix('s')}: "
                    "every pod is refused",
                    path=(request_path if side == "requests" else limit_path)(silent[0], resource),
                    item=f"{quota.name}/{key}",
                    fix=f"set resources.{side}.{resource}",
                )
