"""The check `autoscaling/scaled-object-without-target`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import meant, workload_of
from daytwo.model.autoscaler import ScaledObject
from daytwo.model.finding import Hit
from daytwo.model.kinds import BY_NAME
from daytwo.model.scaling import target_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    ScaledObject,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    by_hand="which workload is meant, or whether it is a leftover, is for a person to say",
)
def scaled_object_without_target(scaled: ScaledObject, snapshot: Snapshot) -> Iterator[Hit]:
    """A ScaledObject of KEDA whose target does not exist.

    Why: KEDA makes no autoscaler for it, so the workload it was made for is not scaled. If that is gone, this is a leftover.
    Fix: correct spec.scaleTargetRef; without kind it means a Deployment.
    Source: https://keda.sh/docs/latest/reference/scaledobject-spec/, https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
    Not: targets of custom kinds.
    """
    target = target_of(scaled)
    if target.kind not in BY_NAME or workload_of(scaled, snapshot) is not None:
        return
    near = meant(target, snapshot)
    yield Hit(
        f"its target {target.kind} {target.name} does not exist" + (f"; nearest is {near}" if near else ""),
        path="spec.scaleTargetRef.name",
        fix=f"write {near.partition(' ')[2]} in spec.scaleTargetRef.name" if near else "",
    )
