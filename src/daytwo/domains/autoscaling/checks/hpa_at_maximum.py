"""The check `autoscaling/hpa-at-maximum`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

_LASTING: Final = timedelta(minutes=15)


@check(HorizontalPodAutoscaler, heading=Heading.RESOURCES, severity=Severity.MEDIUM, harm=Harm.ONE_EVENT_AWAY, basis=Basis.STATE)
def hpa_at_maximum(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler that has wanted more replicas than its maximum for a quarter of an hour.

    Why: the load is above what the workload was laid out for; a little more of it, and users wait.
    Fix: raise spec.maxReplicas if the quota and the nodes have room, or let each replica do more.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
    Not: an autoscaler that runs at its maximum and wants exactly that many; equal minimum and maximum, which is a fixed number; one
    without metrics, whose last word is old.
    """
    limited, active = autoscaler.condition("ScalingLimited"), autoscaler.condition("ScalingActive")
    if limited is None or limited.status != "True" or limited.reason != "TooManyReplicas":
        return
    if (active is not None and active.status != "True") or autoscaler.spec.min_replicas == autoscaler.spec.max_replicas:
        return
    at = limited.last_transition_time
    if at is not None and snapshot.taken_at - at < _LASTING:
        return
    target, maximum = autoscaler.target, autoscaler.spec.max_replicas
    yield Hit(
        f"wants more replicas of {target.kind} {target.name} than its maximum of {maximum}",
        path="spec.maxReplicas",
        since=Since(at, exact=False) if at is not None else None,
        evidence=(
            Evidence(f"autoscaler {autoscaler.name}: ScalingLimited True TooManyReplicas: {limited.message}", at),
            Evidence(f"{autoscaler.status.current_replicas} replicas now, spec.maxReplicas is {maximum}"),
        ),
        confirm=kubectl(
            "get",
            "hpa",
            autoscaler.name,
            "-o",
            'jsonpath={.status.conditions[?(@.type=="ScalingLimited")].message}',
            namespace=target.namespace,
        ),
    )
