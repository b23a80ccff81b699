"""How a changed template reaches the pods of a workload, and how far it has got."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from daytwo.model import share
from daytwo.model.moment import span
from daytwo.model.outcome import Seen, Verification
from daytwo.model.plan import BlastRadius
from daytwo.model.workload import DaemonSet, Deployment, RollingUpdate, StatefulSet

RollingWorkload: TypeAlias = Deployment | StatefulSet | DaemonSet

# The controller tells a passed deadline a moment after it: ours is later.
_GRACE: Final = timedelta(seconds=30)
_USUAL_PATIENCE: Final = timedelta(minutes=10)
_NEVER_SECONDS: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Roll:
    """What a changed template does to the pods: `pods` are replaced in all, of them `away` at most at the same time, out of `replicas`.

    `held_back` says why nothing happens yet, and then no pod is replaced; `kept_back` why some pods keep the old template.
    """

    replicas: int
    pods: int
    away: int
    held_back: str = ""
    kept_back: str = ""

    @property
    def blast(self) -> BlastRadius:
        return BlastRadius(pods=self.pods, workloads=1, share_ratio=min(self.away / self.replicas, 1.0) if self.replicas else 0.0)

    @property
    def effects(self) -> tuple[str, ...]:
        """In words: what becomes of the pods."""
        if self.held_back:
            return ()
        if not self.pods:
            return ("no pod runs: the next one that starts has it",)
        pods = "1 pod is replaced" if self.pods == 1 else f"{self.pods} pods are replaced"
        if self.away == 0:
            return (f"{pods}, each after its successor is ready",)
        if self.away >= self.replicas:
            return (f"{pods}, all at once: none is left meanwhile",)
        return (f"{pods}, {self.away} at most at the same time",)


def roll(workload: RollingWorkload) -> Roll:
    """What becomes of the pods when the template changes.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy and, for rounding, ResolveFenceposts in
    https://github.com/kubernetes/kubernetes/tree/v1.36.2/pkg/controller/deployment/util
    """
    if isinstance(workload, Deployment):
        return _roll_of_deployment(workload)
    replicas, strategy = workload.replicas, workload.spec.update_strategy
    rolling = strategy.rolling_update or RollingUpdate()
    if strategy.type == "OnDelete":
        return Roll(replicas, 0, 0, held_back="its update strategy is OnDelete: a pod has it after it was deleted")
    if isinstance(workload, DaemonSet):
        surge = _count(rolling.max_surge, replicas, 0, is_up=True)
        away = 0 if surge else max(_count(rolling.max_unavailable, replicas, 1, is_up=True), 1)
        return Roll(replicas, replicas, min(away, replicas))
    rolled = _rolled(workload)
    partition = rolling.partition or 0
    if replicas and not rolled:
        return Roll(replicas, 0, 0, held_back=f"its partition {partition} holds back all {replicas} pods")
    kept = f"its partition {partition} leaves {replicas - rolled} of {replicas} pods as they are" if rolled < replicas else ""
    away = max(_count(rolling.max_unavailable, replicas, 1, is_up=True), 1)
    return Roll(replicas, rolled, min(away, rolled), kept_back=kept)


def progress(workload: RollingWorkload, generation: int | None) -> Verification:
    """How far the rollout of the present template has got; `generation` is that of the write it must have seen.

    One that is held back has failed: nothing will happen.
    """
    status = workload.status
    if status.observed_generation < max(generation or 0, workload.metadata.generation):
        return Verification(Seen.NOT_YET, "its controller has not looked at it yet", mark="unobserved")
    if held := roll(workload).held_back:
        return Verification(Seen.FAILED, held)
    if isinstance(workload, Deployment):
        return _progress_of_deployment(workload)
    return _progress_of_stateful_set(workload) if isinstance(workload, StatefulSet) else _progress_of_daemon_set(workload)


def patience(workload: RollingWorkload) -> timedelta:
    """How long a rollout may stand still before it has failed."""
    if isinstance(workload, Deployment) and workload.spec.progress_deadline_seconds < _NEVER_SECONDS:
        return span(workload.spec.progress_deadline_seconds) + _GRACE
    return _USUAL_PATIENCE


def _roll_of_deployment(workload: Deployment) -> Roll:
    replicas, strategy = workload.spec.replicas, workload.spec.strategy
    if workload.spec.paused:
        return Roll(replicas, 0, 0, held_back="its rollout is paused: no pod has it before it is resumed")
    if strategy.type == "Recreate":
        return Roll(replicas, replicas, replicas)
    rolling = strategy.rolling_update or RollingUpdate()
    surge = _count(rolling.max_surge, replicas, "25%", is_up=True)
    away = _count(rolling.max_unavailable, replicas, "25%", is_up=False)
    # With neither, nothing could move: the controller then lets one be away.
    return Roll(replicas, replicas, min(away if surge or away else 1, replicas))


def _progress_of_deployment(workload: Deployment) -> Verification:
    wanted, status = workload.spec.replicas, workload.status
    detail = f"{status.updated_replicas} of {wanted} updated, {status.available_replicas} available"
    old = status.replicas - status.updated_replicas
    if status.updated_replicas >= wanted and old > 0:
        detail += f", {old} old to end"
    is_complete = status.updated_replicas == wanted and old == 0 and status.available_replicas == wanted
    if is_complete:
        return Verification(Seen.DONE, detail if wanted else "it has no replicas: nothing has run with it yet")
    progressing = workload.condition("Progressing")
    if progressing is not None and progressing.status == "False" and progressing.reason == "ProgressDeadlineExceeded":
        return Verification(Seen.FAILED, f"no progress for {workload.spec.progress_deadline_seconds} s: {detail}")
    failure = workload.condition("ReplicaFailure")
    if failure is not None and failure.status == "True":
        detail += f"; {failure.message}"
    mark = f"{status.observed_generation} {status.updated_replicas} {status.replicas} {status.ready_replicas} {status.available_replicas}"
    return Verification(Seen.NOT_YET, detail, mark=mark)


def _progress_of_stateful_set(workload: StatefulSet) -> Verification:
    wanted, rolled, status = workload.spec.replicas, _rolled(workload), workload.status
    available = min(status.ready_replicas, status.available_replicas)
    detail = f"{status.updated_replicas} of {rolled} updated, {available} of {wanted} available"
    is_through = rolled < wanted or status.current_revision == status.update_revision
    if status.updated_replicas >= rolled and available == wanted == status.replicas and is_through:
        return Verification(Seen.DONE, detail if wanted else "it has no replicas: nothing has run with it yet")
    mark = f"{status.observed_generation} {status.updated_replicas} {status.replicas} {status.ready_replicas} {status.available_replicas}"
    return Verification(Seen.NOT_YET, detail, mark=mark)


def _progress_of_daemon_set(workload: DaemonSet) -> Verification:
    status = workload.status
    wanted = status.desired_number_scheduled
    detail = f"{status.updated_number_scheduled} of {wanted} updated, {status.number_available} available"
    if status.updated_number_scheduled == wanted == status.number_available:
        return Verification(Seen.DONE, detail if wanted else "no node is to run it: nothing has run with it yet")
    mark = f"{status.observed_generation} {status.updated_number_scheduled} {status.number_ready} {status.number_available}"
    return Verification(Seen.NOT_YET, detail, mark=mark)


def _rolled(workload: StatefulSet) -> int:
    """How many pods a partition lets through: those from that ordinal on."""
    rolling = workload.spec.update_strategy.rolling_update
    partition = rolling.partition or 0 if rolling is not None else 0
    kept = min(max(partition - workload.spec.ordinals.start, 0), workload.spec.replicas)
    return workload.spec.replicas - kept


def _count(value: int | str | None, total: int, usual: int | str, is_up: bool) -> int:
    """A number of pods, or a share of them."""
    return share.count(usual if value is None else value, total, is_up)
