"""The check `autoscaling/vpa-without-target`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import meant, workload_of
from daytwo.model.autoscaler import VerticalPodAutoscaler
from daytwo.model.finding import Hit
from daytwo.model.kinds import BY_NAME
from daytwo.model.scaling import target_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    VerticalPodAutoscaler,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    by_hand="which workload is meant, or whether it is a leftover, is for a person to say",
)
def vpa_without_target(vertical: VerticalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """A VerticalPodAutoscaler whose target does not exist.

    Why: nobody's requests are recommended or written; the workload it was made for keeps those it has.
    Fix: correct spec.targetRef, or delete it with the workload it belonged to.
    Source: https://github.com/kubernetes/autoscaler/tree/master/vertical-pod-autoscaler
    Not: targets of custom kinds.
    """
    target = target_of(vertical)
    if target.kind not in BY_NAME or workload_of(vertical, snapshot) is not None:
        return
    near = meant(target, snapshot)
    yield Hit(
        f"its target {target.kind} {target.name} does not exist" + (f"; nearest is {near}" if near else ""),
        path="spec.targetRef.name",
        fix=f"write {near.partition(' ')[2]} in spec.targetRef.name" if near else "",
    )
