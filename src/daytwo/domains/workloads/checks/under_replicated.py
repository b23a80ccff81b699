"""The check `workloads/under-replicated`."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads.members import active_pods_of, show_pods
from daytwo.domains.workloads.pods import is_older
from daytwo.domains.workloads.shortfall import LONG_PATIENCE, PATIENCE, Shortfall, condition_since, share, shortfall
from daytwo.model.finding import Evidence, Hit
from daytwo.model.pod import Pod
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, ReplicaSet, Rollout

Replicated = Deployment | ReplicaSet | Rollout

SETTLED: Final = timedelta(hours=1)
_LEADER_WORDS: Final = ("leader", "master", "primary", "active")


def _is_meant(workload: Replicated) -> bool:
    """A ReplicaSet of a Deployment is that Deployment's affair, and none are wanted of what is scaled to zero."""
    if isinstance(workload, ReplicaSet) and workload.controller is not None:
        return False
    return workload.replicas > 0 and not workload.is_terminating


@check(
    Deployment,
    ReplicaSet,
    Rollout,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=_is_meant,
    basis=Basis.STATE,
)
def under_replicated(workload: Replicated, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload with fewer available replicas than it asks for, for five minutes and not because of a rollout.

    Fifteen minutes where its pods run and merely are not ready yet.

    Why: the replicas that are left carry the whole load, and the next fault may take the last.
    Fix: mend what keeps the missing pods away: a full quota, a denied admission, a bad image, a failing probe, a lost node.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment
    Not: a rollout in progress, a workload scaled to zero. Condition Available is not believed: with one replica missing it may say
    either, so replicas are counted.
    """
    available, wanted = workload.status.available_replicas, workload.replicas
    if available >= wanted or _is_rolling(workload, snapshot):
        return
    members = active_pods_of(workload, snapshot)
    ready = [pod for pod in members if pod.is_ready]
    broken = [pod for pod in members if not pod.is_ready]
    if len(ready) >= wanted and not broken:
        # The pods, read at another moment, have recovered; or they wait out minReadySeconds.
        return
    starts = [condition_since(workload.condition("Available"), "False")] if isinstance(workload, Deployment | Rollout) else []
    short = shortfall(workload, broken, wanted - len(members), snapshot, starts)
    if short.since is None:
        # Nothing is amiss with any pod that was read: the controller is about to make the rest.
        snapshot.require(Pod.KIND, workload.namespace)
        return
    patience = LONG_PATIENCE if not short.reason and broken and all(_is_starting_up(pod) for pod in broken) else PATIENCE
    if not is_older(short.since, patience, snapshot):
        return
    count = share(available, wanted, "replica", "available")
    is_leader_only = _is_leader_only(ready, broken, short, snapshot)
    yield Hit(
        f"{count}, as where only a leader answers" if is_leader_only else short.sentence(count),
        path="status.availableReplicas",
        since=short.since,
        evidence=(Evidence(f"{workload.KIND} {workload.name}: availableReplicas {available} of spec.replicas {wanted}"), *short.evidence),
        because=short.because,
        confirm=short.confirm or show_pods(workload.spec.selector, workload.namespace),
        harm=Harm.NONE if is_leader_only else None,
        severity=Severity.INFO if is_leader_only else Severity.HIGH if available * 2 <= wanted else Severity.MEDIUM,
    )


def _is_rolling(workload: Replicated, snapshot: Snapshot) -> bool:
    match workload:
        case Deployment():
            return workload.is_rolling(snapshot.taken_at)
        case Rollout():
            return workload.status.phase == "Progressing"
    return workload.metadata.generation > workload.status.observed_generation


def _is_starting_up(pod: Pod) -> bool:
    """Running without a crash and not ready yet: it may only be slow."""
    statuses = pod.status.container_statuses
    return bool(statuses) and all(status.state.running is not None and status.restart_count == 0 for status in statuses)


def _is_leader_only(ready: Sequence[Pod], broken: Sequence[Pod], short: Shortfall, snapshot: Snapshot) -> bool:
    """Whether one replica of several is ready on purpose: for an hour, unlike the others it bears a label that says leader."""
    if len(ready) != 1 or not broken or short.reason or short.because:
        return False
    if not is_older(short.since, SETTLED, snapshot) or not all(_is_starting_up(pod) for pod in broken):
        return False
    others = {label for pod in broken for label in pod.labels.items()}
    own = [label for label in ready[0].labels.items() if label not in others]
    return any(word in f"{key}={value}".lower() for key, value in own for word in _LEADER_WORDS)
