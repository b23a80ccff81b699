"""The check `autoscaling/hpa-bounds-without-room`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import is_made_by_people
from daytwo.model.finding import Hit
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    HorizontalPodAutoscaler,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    applies=is_made_by_people,
    by_hand="how many replicas there may be is a decision about money and load",
)
def hpa_bounds_without_room(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler whose minimum is its maximum, or lies above it.

    Why: with both equal it never scales and hides a fixed number of replicas behind metrics that nobody uses; with the minimum above
    the maximum the API server refuses it, and the one before stays in force.
    Fix: raise spec.maxReplicas, or remove the autoscaler and write the number into the workload.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
    """
    fewest, most = autoscaler.spec.min_replicas, autoscaler.spec.max_replicas
    if fewest == most:
        yield Hit(f"minReplicas and maxReplicas are both {most}: it never scales", path="spec.maxReplicas")
    elif fewest > most:
        yield Hit(
            f"minReplicas {fewest} is above maxReplicas {most}: the API server refuses it", path="spec.maxReplicas", severity=Severity.HIGH
        )
