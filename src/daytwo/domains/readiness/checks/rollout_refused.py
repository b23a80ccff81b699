"""The check `readiness/rollout-refused`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.rolling import strategy_path
from daytwo.model.finding import Hit
from daytwo.model.repair import removing, setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.share import count, is_zero
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, Deployment


@check(Deployment, DaemonSet, heading=Heading.RELIABILITY, severity=Severity.HIGH)
def rollout_refused(workload: Deployment | DaemonSet, snapshot: Snapshot) -> Iterator[Hit]:
    """A strategy that the API server refuses.

    Why: the object cannot be created or changed at all.
    Fix: let a rollout add a pod or take one away (not both at 0); of a DaemonSet just one of the two; at most 100% away; and no
    rollingUpdate beside Recreate or OnDelete.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy
    Not: shares that round to none: the controller then takes one pod away. StatefulSets, whose maxUnavailable is dropped by default.
    """
    strategy = workload.spec.strategy if isinstance(workload, Deployment) else workload.spec.update_strategy
    rolling, path = strategy.rolling_update, f"{strategy_path(workload)}.rollingUpdate"
    if rolling is None:
        return
    if strategy.type in ("Recreate", "OnDelete"):
        if isinstance(workload, Deployment):
            yield Hit("rollingUpdate stands beside type Recreate, which is refused", path, repair=removing(path))
        return
    usual = "25%" if isinstance(workload, Deployment) else 1
    away = usual if rolling.max_unavailable is None else rolling.max_unavailable
    extra = ("25%" if isinstance(workload, Deployment) else 0) if rolling.max_surge is None else rolling.max_surge
    if isinstance(away, str) and count(away, 100, is_up=False) > 100:
        yield Hit(f"maxUnavailable is {away}, which is refused", f"{path}.maxUnavailable", repair=setting(f"{path}.maxUnavailable", "25%"))
    elif is_zero(away) and is_zero(extra):
        message = "neither may a pod be added nor taken away, which is refused: nothing could be replaced"
        yield Hit(message, f"{path}.maxSurge", repair=setting(f"{path}.maxSurge", 1))
    elif isinstance(workload, DaemonSet) and not is_zero(away) and not is_zero(extra):
        message = f"maxSurge {extra} and maxUnavailable {away} are both set, which is refused of a DaemonSet"
        yield Hit(message, f"{path}.maxUnavailable", repair=setting(f"{path}.maxUnavailable", 0))
