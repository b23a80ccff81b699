"""The check `readiness/readiness-probe-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.subjects import runs_for_good
from daytwo.model.finding import Hit
from daytwo.model.runnable import Role, Runnable
from daytwo.model.serving import named, serving_containers, serving_services
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    applies=runs_for_good,
    by_hand="what tells that the program can serve only its owner knows",
)
def readiness_probe_missing(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that a Service leads to has no readiness probe.

    Why: the pod gets requests from the moment its process runs, before it can answer them, at every rollout, restart and scale-up.
    Fix: add a readinessProbe that asks what clients ask.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-readiness-probes
    Not: pods that no Service leads to, or only one that publishes addresses that are not ready. Of several containers those count
    that listen where the Service leads; where none says so, one probe in the pod is enough.
    """
    services = [service for service in serving_services(runnable, snapshot) if not service.spec.publish_not_ready_addresses]
    if not services:
        return
    running = list(runnable.running_containers())
    is_probed = any(placed.container.readiness_probe is not None for placed in running)
    serving = serving_containers(runnable, services)
    if not serving:
        serving = () if is_probed else tuple(placed for placed in running if placed.role is Role.MAIN)[:1]
    for placed in serving:
        if placed.container.readiness_probe is None:
            yield Hit(
                f"container {placed.container.name} serves {named(services)} and has no readiness probe",
                path=f"{placed.path}.readinessProbe",
                item=placed.container.name,
                fix="add a readinessProbe that asks what clients ask",
                # Another container keeps the pod out of the Service until it is ready itself.
                severity=Severity.LOW if is_probed else None,
            )
