"""The check `readiness/liveness-kills-at-once`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.subjects import runs_for_good
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.LOW, applies=runs_for_good)
def liveness_kills_at_once(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A liveness probe that kills the container at its first failure.

    Why: one late answer, such as during a pause of the garbage collector or while a neighbour is busy, restarts a healthy process.
    Fix: set failureThreshold to 3 or more.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes
    """
    for placed in runnable.running_containers():
        probe = placed.container.liveness_probe
        if probe is not None and probe.failure_threshold == 1:
            yield Hit(
                f"one missed answer within {probe.timeout_seconds} s kills container {placed.container.name}",
                path=f"{placed.path}.livenessProbe.failureThreshold",
                item=placed.container.name,
                repair=setting(f"{placed.path}.livenessProbe.failureThreshold", 3),
            )
