"""The check `resources/request-implied-by-limit`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import named, request_path
from daytwo.model.allotment import pod_level
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RESOURCES, severity=Severity.INFO)
def request_implied_by_limit(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that limits CPU or memory and does not say what it asks for: it asks for the whole limit.

    Why: the API server copies the limit as each pod is made. Of memory that is often right; of CPU it reserves a peak that is seldom
    used. Written down, it is a decision.
    Fix: write the request, as it is or lower.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    Not: requests that the pod as a whole makes, `spec.resources`.
    """
    at_pod_level = pod_level(workload).requests
    for placed in workload.running_containers():
        own = placed.container.resources
        for resource in ("cpu", "memory"):
            if resource in own.limits and resource not in own.requests and resource not in at_pod_level:
                yield Hit(
                    f"{named(placed)} requests {own.limits[resource]} {resource} without saying so: its limit",
                    path=request_path(placed, resource),
                    item=f"{placed.container.name}/{resource}",
                    fix=f"write resources.requests.{resource}",
                    repair=setting(request_path(placed, resource), own.limits[resource]),
                )
