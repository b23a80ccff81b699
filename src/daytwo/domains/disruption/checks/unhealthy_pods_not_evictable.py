"""The check `disruption/unhealthy-pods-not-evictable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(PodDisruptionBudget, heading=Heading.RELIABILITY, severity=Severity.LOW)
def unhealthy_pods_not_evictable(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """A disruption budget that holds on to pods that are broken anyway: unhealthyPodEvictionPolicy is not AlwaysAllow.

    Why: while fewer pods are healthy than the budget wants, none may be evicted by default, not even one that crashes: a workload
    that does not start stops every drain of its node, though evicting it would hurt nobody.
    Fix: set unhealthyPodEvictionPolicy to AlwaysAllow.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
    """
    if budget.spec.unhealthy_pod_eviction_policy != "AlwaysAllow":
        yield Hit(
            f"pods that are not ready may not be evicted while too few are: the policy is {budget.spec.unhealthy_pod_eviction_policy}",
            path="spec.unhealthyPodEvictionPolicy",
            fix="set unhealthyPodEvictionPolicy to AlwaysAllow",
            repair=setting("spec.unhealthyPodEvictionPolicy", "AlwaysAllow"),
        )
