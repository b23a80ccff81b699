"""How bad and how soon, from user harm, by one table.

| what is left                                   | served          | inner           | batch                          |
|------------------------------------------------|-----------------|-----------------|--------------------------------|
| nothing ready                                  | critical, today | high, today     | medium, today after 1 h        |
| under half, or the last of several             | high, today     | high, today     | medium, this week              |
| at least half, and two or more                 | medium, today   | medium, week    | low, hygiene                   |
| all ready, but a fault is active               | medium, today   | medium, week    | low, this week                 |
| all ready, one ordinary event from nothing     | this week       | this week       | hygiene                        |
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Final

from daytwo.domains.review.exposure import Exposure, Standing
from daytwo.model.severity import Horizon, Severity

BATCH_PATIENCE: Final = timedelta(hours=1)


class Left(IntEnum):
    """What is left of a workload; the lower, the worse."""

    NOTHING = 0
    LITTLE = 1
    ENOUGH = 2
    ALL = 3


@dataclass(frozen=True, slots=True)
class Weight:
    """A severity and a horizon, and the words that say why."""

    severity: Severity
    horizon: Horizon
    why: str

    @property
    def rank(self) -> tuple[int, int]:
        return self.horizon.rank, self.severity.rank


_TABLE: Final[dict[tuple[Left, Exposure], tuple[Severity, Horizon]]] = {
    (Left.NOTHING, Exposure.SERVED): (Severity.CRITICAL, Horizon.TODAY),
    (Left.NOTHING, Exposure.INNER): (Severity.HIGH, Horizon.TODAY),
    (Left.NOTHING, Exposure.BATCH): (Severity.MEDIUM, Horizon.TODAY),
    (Left.LITTLE, Exposure.SERVED): (Severity.HIGH, Horizon.TODAY),
    (Left.LITTLE, Exposure.INNER): (Severity.HIGH, Horizon.TODAY),
    (Left.LITTLE, Exposure.BATCH): (Severity.MEDIUM, Horizon.WEEK),
    (Left.ENOUGH, Exposure.SERVED): (Severity.MEDIUM, Horizon.TODAY),
    (Left.ENOUGH, Exposure.INNER): (Severity.MEDIUM, Horizon.WEEK),
    (Left.ENOUGH, Exposure.BATCH): (Severity.LOW, Horizon.HYGIENE),
    (Left.ALL, Exposure.SERVED): (Severity.MEDIUM, Horizon.TODAY),
    (Left.ALL, Exposure.INNER): (Severity.MEDIUM, Horizon.WEEK),
    (Left.ALL, Exposure.BATCH): (Severity.LOW, Horizon.WEEK),
}

_WHO: Final = {
    Exposure.SERVED: "is reached from outside",
    Exposure.INNER: "serves other workloads",
    Exposure.BATCH: "has no Service",
}


def left(standing: Standing) -> Left:
    """What is left: all, at least half and two, or less."""
    if standing.ready >= standing.wanted:
        return Left.ALL
    if standing.ready == 0:
        return Left.NOTHING
    if standing.ready * 2 < standing.wanted or standing.ready == 1:
        return Left.LITTLE
    return Left.ENOUGH


def weigh_fault(standing: Standing, lasting: timedelta | None) -> Weight:
    """An active fault of one workload. `lasting` is for how long; None when nobody can tell."""
    severity, horizon = _TABLE[left(standing), standing.exposure]
    if standing.workload.kind in ("Job", "CronJob"):
        # Work that failed is missed at the next run, not now.
        horizon = Horizon.WEEK
    elif standing.exposure is Exposure.BATCH and horizon is Horizon.TODAY and lasting is not None and lasting < BATCH_PATIENCE:
        horizon = Horizon.WEEK
    return Weight(severity, horizon, _why(standing))


def weigh_risk(exposure: Exposure | None, severity: Severity) -> Weight:
    """One ordinary event from hurt, so medium at the most; `exposure` is None for what is no workload, such as a certificate."""
    if exposure is Exposure.BATCH:
        return Weight(Severity.LOW, Horizon.HYGIENE, "nothing depends on it: it has no Service")
    capped = Severity.MEDIUM if severity.at_least(Severity.MEDIUM) else severity
    return Weight(capped, Horizon.WEEK, "one ordinary event away from hurting users")


def weigh_hygiene(severity: Severity) -> Weight:
    """Nobody is hurt, and no ordinary event would change that."""
    return Weight(severity, Horizon.HYGIENE, "nobody is hurt, and no ordinary event would change that")


def weigh_machinery(severity: Severity) -> Weight:
    """An active fault of the cluster's own machinery that touches no workload yet."""
    if severity.at_least(Severity.HIGH):
        return Weight(severity, Horizon.TODAY, "the cluster itself cannot do its work")
    horizon = Horizon.WEEK if severity is Severity.MEDIUM else Horizon.HYGIENE
    return Weight(severity, horizon, "no workload is hurt yet")


def _why(standing: Standing) -> str:
    who = "may serve others (Services could not be read)" if standing.is_guess else _WHO[standing.exposure]
    if standing.workload.kind in ("Job", "CronJob"):
        return f"{standing.workload.short} is batch work"
    if standing.workload.kind == "Service":
        return f"Service {standing.workload.short} {who} and has {'an' if standing.ready else 'no'} answer"
    return f"{standing.workload.short} {who}, {standing.ready} of {standing.wanted} ready"
