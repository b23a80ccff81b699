"""The check `resources/cpu-limit-set`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import limit_path, named
from daytwo.model.finding import Hit
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable, heading=Heading.RESOURCES, severity=Severity.INFO, by_hand="a limit may be a rule of the cluster, or a promise to who pays"
)
def cpu_limit_set(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container whose CPU is limited. Contested: this is for clusters that rule limits out, and in no default.

    Why: a container that reaches its limit is throttled for the rest of each tenth of a second, also while its node is idle: slow
    answers that no graph of average use shows. Requests alone already divide CPU fairly when it is short. For it: equal speed at all
    times, bounds between tenants, the static CPU manager, and the Guaranteed class, which need limits.
    Fix: remove resources.limits.cpu and keep the request.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    Not: pods of the Guaranteed class, whose limits equal their requests on purpose.
    """
    containers = list(workload.running_containers())
    if all(
        resource in placed.container.resources.limits
        and quantity_or_zero(placed.container.requests[resource]) == quantity_or_zero(placed.container.resources.limits[resource])
        for placed in containers
        for resource in ("cpu", "memory")
    ):
        return
    for placed in containers:
        if "cpu" in placed.container.resources.limits:
            yield Hit(
                f"{named(placed)} is throttled at {placed.container.resources.limits['cpu']} CPU, also while its node is idle",
                path=limit_path(placed, "cpu"),
                item=placed.container.name,
            )
