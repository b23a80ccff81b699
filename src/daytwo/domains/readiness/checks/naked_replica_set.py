"""The check `readiness/naked-replica-set`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import ReplicaSet


@check(
    ReplicaSet,
    heading=Heading.DELIVERY,
    severity=Severity.LOW,
    applies=lambda replica_set: replica_set.replicas > 0,
    by_hand="a Deployment takes it over only if its selector is the same",
)
def naked_replica_set(replica_set: ReplicaSet, snapshot: Snapshot) -> Iterator[Hit]:
    """A ReplicaSet of its own, without a Deployment.

    Why: a change of its template reaches no pod that runs, and there is no rollout and no way back.
    Fix: make it a Deployment.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#when-to-use-a-replicaset
    Not: those that a Deployment, a Rollout or an operator owns.
    """
    if replica_set.controller is None:
        yield Hit("stands without a Deployment: a changed template reaches none of its pods")
