"""The check `readiness/no-time-to-drain`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.readiness.subjects import runs_for_good
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Role, Runnable
from daytwo.model.serving import named, serving_containers, serving_services
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# A hook that only sleeps needs no shell in the image from 1.30 on: https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
_SLEEP_SINCE_MINOR: Final = 30
_SLEEP_SECONDS: Final = 5


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.LOW, applies=runs_for_good)
def no_time_to_drain(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that a Service leads to is told to stop while requests still come.

    Why: a pod is taken out of its Services and told to stop at the same time; proxies and load balancers learn of it seconds later. A
    program that ends at once on SIGTERM refuses what they send meanwhile, at every rollout and drain.
    Fix: add a preStop hook that sleeps for about 5 seconds, unless the program itself goes on serving for a while.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-flow
    Not: pods that no Service leads to. Whether the program waits by itself no manifest tells: hence low.
    """
    services = serving_services(runnable, snapshot)
    if not services:
        return
    serving = serving_containers(runnable, services) or tuple(one for one in runnable.running_containers() if one.role is Role.MAIN)[:1]
    minor = snapshot.cluster.minor
    for placed in serving:
        lifecycle = placed.container.lifecycle
        if lifecycle is not None and lifecycle.pre_stop is not None:
            continue
        has_time = runnable.pod_spec.termination_grace_period_seconds >= 3 * _SLEEP_SECONDS
        can_sleep = minor is not None and minor >= _SLEEP_SINCE_MINOR and has_time
        path = f"{placed.path}.lifecycle.preStop"
        yield Hit(
            f"container {placed.container.name} is told to stop while {named(services)} may still send requests to it",
            path=path,
            item=placed.container.name,
            repair=setting(path, {"sleep": {"seconds": _SLEEP_SECONDS}}) if can_sleep else None,
            by_hand="" if can_sleep else "a preStop hook that sleeps takes Kubernetes 1.30, and a grace period of 15 s or more",
        )
