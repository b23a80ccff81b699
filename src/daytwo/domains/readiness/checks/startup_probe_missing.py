"""The check `readiness/startup-probe-missing`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.readiness.subjects import runs_for_good
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


class SlowStart(msgspec.Struct, frozen=True):
    """From how many seconds of `initialDelaySeconds` on a start counts as slow."""

    slow_seconds: int = 30


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    applies=runs_for_good,
    options=SlowStart,
    by_hand="how long a start may take only the program's owner knows",
)
def startup_probe_missing(runnable: Runnable, snapshot: Snapshot, options: SlowStart) -> Iterator[Hit]:
    """A liveness probe that waits out a slow start with a fixed delay instead of a startup probe.

    Why: a start that takes longer than the delay is killed, again and again; one that is quicker goes unwatched for the rest of it.
    Fix: add a startupProbe with the same question and a failureThreshold that covers the slowest start, and drop the delay.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-startup-probes
    Not: delays below half a minute (an option), and readiness probes, whose delay kills nothing.
    """
    for placed in runnable.running_containers():
        probe = placed.container.liveness_probe
        if probe is not None and placed.container.startup_probe is None and probe.initial_delay_seconds >= options.slow_seconds:
            yield Hit(
                f"the liveness probe of container {placed.container.name} waits {probe.initial_delay_seconds} s after each start, "
                "with no startup probe to tell when it is up",
                path=f"{placed.path}.livenessProbe.initialDelaySeconds",
                item=placed.container.name,
            )
