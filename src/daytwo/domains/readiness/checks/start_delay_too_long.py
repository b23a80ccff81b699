"""The check `readiness/start-delay-too-long`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.readiness.starting import judged, observed_start
from daytwo.domains.readiness.subjects import runs_for_good
from daytwo.model.finding import Hit
from daytwo.model.pod import Pod
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot

_LONG_SECONDS: Final = 60
_FACTOR: Final = 5


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.INFO,
    basis=Basis.STATE,
    applies=runs_for_good,
)
def start_delay_too_long(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A liveness probe waits several times as long as the container takes to start.

    Why: a process that hangs early in its life goes unnoticed for all that time, at each restart again.
    Fix: replace initialDelaySeconds by a startup probe, which ends the wait as soon as the container is up.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-startup-probes
    Not: delays below a minute, pods of several containers with probes, and containers that were restarted.
    """
    snapshot.require(Pod.KIND, runnable.namespace)
    placed = judged(runnable)
    liveness = placed.container.liveness_probe if placed is not None else None
    if placed is None or liveness is None or liveness.initial_delay_seconds < _LONG_SECONDS:
        return
    start = observed_start(runnable, placed, snapshot)
    if start is None or _FACTOR * start.at_most_seconds > liveness.initial_delay_seconds:
        return
    yield Hit(
        f"container {placed.container.name} starts within {start.at_most_seconds:.0f} s, and its liveness probe waits "
        f"{liveness.initial_delay_seconds} s",
        path=f"{placed.path}.livenessProbe.initialDelaySeconds",
        item=placed.container.name,
        by_hand="how slow a start may be elsewhere only the program's owner knows",
    )
