"""How many pods a rollout takes away and adds, by the fields that say so."""

from typing import NamedTuple

from daytwo.domains.readiness.subjects import Rolled
from daytwo.model import share
from daytwo.model.repair import Edit, Repair
from daytwo.model.workload import DaemonSet, Deployment, RollingUpdate, Rollout, StatefulSet


class Rolling(NamedTuple):
    """At most `away` of the wanted pods are missing at a time, and at most `extra` are there besides; `path` holds both fields."""

    away: int
    extra: int
    path: str


def strategy_path(workload: Rolled) -> str:
    """The path to what says how a changed template reaches the pods."""
    return "spec.strategy" if isinstance(workload, Deployment | Rollout) else "spec.updateStrategy"


def rolling_of(workload: Rolled, replicas: int) -> Rolling | None:
    """The bounds of a rollout of so many replicas; None where pods are not replaced a few at a time.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment and, for a Rollout,
    https://argo-rollouts.readthedocs.io/en/stable/features/specification/
    """
    match workload:
        case Rollout():
            canary = workload.spec.strategy.canary
            if canary is None:
                return None
            return _of_shares(canary.max_surge, canary.max_unavailable, replicas, "spec.strategy.canary")
        case Deployment():
            if workload.spec.strategy.type == "Recreate":
                return None
            rolling = workload.spec.strategy.rolling_update or RollingUpdate()
            return _of_shares(rolling.max_surge, rolling.max_unavailable, replicas, "spec.strategy.rollingUpdate")
        case StatefulSet() | DaemonSet():
            if workload.spec.update_strategy.type == "OnDelete":
                return None
            rolling = workload.spec.update_strategy.rolling_update or RollingUpdate()
            if isinstance(workload, StatefulSet) and workload.is_declared:
                # An API server drops maxUnavailable here unless feature MaxUnavailableStatefulSet is on, as it is not by default.
                return Rolling(min(1, replicas), 0, "spec.updateStrategy.rollingUpdate")
            extra = share.count(rolling.max_surge or 0, replicas, is_up=True)
            away = (
                0 if extra else max(share.count(1 if rolling.max_unavailable is None else rolling.max_unavailable, replicas, is_up=True), 1)
            )
            return Rolling(min(away, replicas), extra, "spec.updateStrategy.rollingUpdate")


def one_at_a_time(rolling: Rolling, replicas: int) -> Repair:
    """Replaces pods one by one: none is missing meanwhile where one may be added."""
    if rolling.extra or replicas == 1:
        return without_loss(rolling)
    return Repair((Edit(f"{rolling.path}.maxUnavailable", 1),))


def without_loss(rolling: Rolling) -> Repair:
    """Adds a pod before one is taken away."""
    edits = [Edit(f"{rolling.path}.maxUnavailable", 0)]
    if not rolling.extra:
        edits.insert(0, Edit(f"{rolling.path}.maxSurge", 1))
    return Repair(tuple(edits))


def _of_shares(surge: int | str | None, unavailable: int | str | None, replicas: int, path: str) -> Rolling:
    extra = share.count("25%" if surge is None else surge, replicas, is_up=True)
    away = share.count("25%" if unavailable is None else unavailable, replicas, is_up=False)
    # With neither, nothing could move: the controller then lets one be away.
    return Rolling(min(away if extra or away else 1, replicas), extra, path)
