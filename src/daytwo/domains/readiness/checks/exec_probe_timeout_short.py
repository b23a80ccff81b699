"""The check `readiness/exec-probe-timeout-short`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.probes import STARTUP, probes_of
from daytwo.domains.readiness.subjects import runs_for_good
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.LOW, applies=runs_for_good)
def exec_probe_timeout_short(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A probe that starts a command has one second for it.

    Why: a process is started in the container each time; on a busy node, or with little CPU allowed, that alone takes longer, and a
    healthy container is taken for a broken one.
    Fix: set timeoutSeconds to 5.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes
    Not: startup probes, which are asked again.
    """
    for placed in runnable.running_containers():
        for kind, probe, path in probes_of(placed):
            if kind != STARTUP and probe.exec is not None and probe.timeout_seconds == 1:
                yield Hit(
                    f"the command of the {kind} probe of container {placed.container.name} has 1 s to start and end",
                    path=f"{path}.timeoutSeconds",
                    item=f"{placed.container.name}/{kind}",
                    repair=setting(f"{path}.timeoutSeconds", 5),
                )
