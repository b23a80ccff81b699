"""The check `readiness/spread-counts-old-pods`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.spreading import constraints_of, counts_itself
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment


@check(
    Deployment,
    heading=Heading.RELIABILITY,
    severity=Severity.INFO,
    applies=lambda workload: bool(workload.pod_spec.topology_spread_constraints),
)
def spread_counts_old_pods(workload: Deployment, snapshot: Snapshot) -> Iterator[Hit]:
    """A Deployment's spread constraint counts the pods of former revisions as well.

    Why: during a rollout the new pods are placed around the old ones; when those are gone, the new ones stand unevenly.
    Fix: add pod-template-hash to matchLabelKeys (Kubernetes 1.27).
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#topologyspreadconstraints-field
    Not: clusters older than 1.27, which do not know the field, and constraints that count other pods.
    """
    minor = snapshot.cluster.minor
    if minor is not None and minor < 27:
        return
    for constraint, path in constraints_of(workload):
        if counts_itself(constraint, workload) and "pod-template-hash" not in constraint.match_label_keys:
            yield Hit(
                f"the spread over {constraint.topology_key} counts old pods during a rollout",
                path=f"{path}.matchLabelKeys",
                item=f"{constraint.topology_key} {constraint.when_unsatisfiable}",
                repair=setting(f"{path}.matchLabelKeys", [*constraint.match_label_keys, "pod-template-hash"]),
            )
