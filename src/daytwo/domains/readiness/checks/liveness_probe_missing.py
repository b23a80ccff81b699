"""The check `readiness/liveness-probe-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.subjects import runs_for_good
from daytwo.model.finding import Hit
from daytwo.model.runnable import Role, Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    applies=runs_for_good,
    by_hand="whether a restart would help, and what tells that it would, only the program's owner knows",
)
def liveness_probe_missing(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container without a liveness probe.

    Why: a process that hangs without ending is never restarted. This is contested: a program that ends when it is broken needs no
    such probe, and a careless one restarts pods that were merely busy, all of them at the same time.
    Fix: add a livenessProbe that fails only where a restart helps, more patient than the readiness probe.
    Source: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
    Not: init containers and sidecars, Jobs and CronJobs.
    """
    for placed in runnable.running_containers():
        if placed.role is Role.MAIN and placed.container.liveness_probe is None:
            yield Hit(
                f"container {placed.container.name} has no liveness probe: one that hangs is never restarted",
                path=f"{placed.path}.livenessProbe",
                item=placed.container.name,
            )
