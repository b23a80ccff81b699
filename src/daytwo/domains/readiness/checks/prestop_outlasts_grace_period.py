"""The check `readiness/prestop-outlasts-grace-period`."""

from collections.abc import Iterator
from math import ceil

from daytwo.catalog import check
from daytwo.domains.readiness.termination import sleep_seconds
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.MEDIUM)
def prestop_outlasts_grace_period(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A preStop hook sleeps for as long as the whole grace period, or longer.

    Why: the grace period counts from before the hook. When it is over the container is killed, without ever having been told to stop:
    requests break off and nothing is written down. A native sleep that is longer is refused.
    Fix: set terminationGracePeriodSeconds to the sleep and the time that the program needs to stop.
    Source: https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-execution
    Not: commands in which no sleep can be read.
    """
    grace = runnable.pod_spec.termination_grace_period_seconds
    longest = max((sleep_seconds(placed.container) for placed in runnable.running_containers()), default=0)
    path = f"{runnable.pod_path}.terminationGracePeriodSeconds"
    for placed in runnable.running_containers():
        slept = sleep_seconds(placed.container)
        if grace and slept >= grace:
            yield Hit(
                f"the preStop hook of container {placed.container.name} sleeps for {slept:g} s of a grace period of {grace} s: "
                "it is killed without being told to stop",
                path=path,
                item=placed.container.name,
                fix=f"set terminationGracePeriodSeconds to {ceil(longest) + 30}",
                repair=setting(path, ceil(longest) + 30),
            )
