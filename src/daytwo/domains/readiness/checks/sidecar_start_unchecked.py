"""The check `readiness/sidecar-start-unchecked`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.runnable import Role, Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.INFO,
    applies=lambda runnable: any(container.is_sidecar for container in runnable.pod_spec.init_containers),
    by_hand="what tells that the sidecar is up only its owner knows",
)
def sidecar_start_unchecked(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A sidecar without a startup probe, though others start after it.

    Why: what comes after a sidecar is started as soon as its process runs; without a startup probe nobody waits until it can serve,
    and a program that needs its proxy at once fails.
    Fix: add a startupProbe to the sidecar.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    Not: a postStart hook, which holds up what comes after it as well.
    """
    for placed in runnable.all_containers():
        container = placed.container
        has_hook = container.lifecycle is not None and container.lifecycle.post_start is not None
        if placed.role is Role.SIDECAR and container.startup_probe is None and not has_hook:
            yield Hit(
                f"what comes after sidecar {container.name} starts without waiting for it to be up",
                path=f"{placed.path}.startupProbe",
                item=container.name,
            )
