"""The check `readiness/selector-misses-template`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.subjects import has_own_template
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, Deployment, ReplicaSet, Rollout, StatefulSet


@check(
    Deployment,
    StatefulSet,
    DaemonSet,
    ReplicaSet,
    Rollout,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    applies=has_own_template,
    by_hand="a selector cannot be changed once the object exists, and Services may select by the labels",
)
def selector_misses_template(workload: Deployment | StatefulSet | DaemonSet | ReplicaSet | Rollout, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload's selector does not match the labels of its own template.

    Why: the API server refuses the object.
    Fix: give the template the labels that the selector asks for.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector
    Not: matchExpressions that match, and labels of the template that the selector does not ask for.
    """
    selector = workload.spec.selector
    if selector.is_empty:
        yield Hit("has an empty selector, which is refused", path="spec.selector")
    elif not selector.matches(workload.pod_labels):
        labels = ", ".join(f"{key}={value}" for key, value in sorted(workload.pod_labels.items())) or "none"
        yield Hit(f"selects {selector}, but the labels of its template are {labels}", path="spec.selector")
