"""The check `readiness/probe-refused`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.probes import READINESS, probes_of
from daytwo.model.finding import Hit
from daytwo.model.repair import removing, setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    by_hand="what the probe is meant to ask only the program's owner knows",
)
def probe_refused(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A probe or a hook that the API server refuses.

    Why: the object cannot be created or changed at all.
    Fix: give each probe one of exec, grpc, httpGet and tcpSocket, liveness and startup probes a successThreshold of 1, and init
    containers neither probes nor hooks, unless their restartPolicy is Always.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes
    Not: sidecars: init containers with restartPolicy Always may have them all.
    """
    for placed in runnable.all_containers():
        name = placed.container.name
        for kind, probe, path in probes_of(placed):
            item = f"{name}/{kind}"
            if not placed.runs_on:
                yield Hit(f"{placed.role} {name} has a {kind} probe, which is refused", path, item, repair=removing(path))
                continue
            handlers = [one for one in (probe.exec, probe.grpc, probe.http_get, probe.tcp_socket) if one is not None]
            if len(handlers) != 1:
                count = "nothing" if not handlers else f"{len(handlers)} things at once"
                yield Hit(f"the {kind} probe of container {name} asks {count}, which is refused", path, item)
            elif kind != READINESS and probe.success_threshold != 1:
                threshold = f"{path}.successThreshold"
                message = f"the {kind} probe of container {name} wants {probe.success_threshold} successes, which is refused: it must be 1"
                yield Hit(message, threshold, item, repair=setting(threshold, 1))
            elif kind == READINESS and probe.termination_grace_period_seconds is not None:
                grace = f"{path}.terminationGracePeriodSeconds"
                message = f"the readiness probe of container {name} has a grace period, which is refused: it kills nothing"
                yield Hit(message, grace, item, repair=removing(grace))
        if not placed.runs_on and placed.container.lifecycle is not None:
            path = f"{placed.path}.lifecycle"
            yield Hit(f"{placed.role} {name} has hooks, which are refused", path, f"{name}/lifecycle", repair=removing(path))
