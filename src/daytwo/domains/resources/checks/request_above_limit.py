"""The check `resources/request-above-limit`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import limit_path, named, request_path
from daytwo.model.allotment import allotment
from daytwo.model.finding import Hit
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.HIGH,
    by_hand="which of the two numbers is wrong is only known by who runs it",
)
def request_above_limit(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that asks for more than it may use.

    Why: the API server refuses such a pod. Where the limit comes from a LimitRange nothing is wrong with the file, the workload is
    accepted, and no pod is ever made.
    Fix: lower the request or raise the limit; write both where a LimitRange gives one.
    Source: https://kubernetes.io/docs/concepts/policy/limit-range/#limitrange-and-admission-checks-for-pods
    """
    spec = workload.pod_spec
    for placed in workload.all_containers():
        given = allotment(placed.container, workload, snapshot)
        own = placed.container.resources
        for resource, limit in given.limits.items():
            request = given.requests.get(resource)
            if request is None or quantity_or_zero(request) <= quantity_or_zero(limit):
                continue
            whose = "its limit is" if resource in own.limits else "a LimitRange of the namespace limits it to"
            yield Hit(
                f"{named(placed)} requests {request} {resource} and {whose} {limit}: no pod can be made",
                path=request_path(placed, resource) if resource in own.requests else limit_path(placed, resource),
                item=f"{placed.container.name}/{resource}",
            )
    if spec.resources is None:
        return
    for resource, limit in spec.resources.limits.items():
        request = spec.resources.requests.get(resource)
        if request is not None and quantity_or_zero(request) > quantity_or_zero(limit):
            yield Hit(
                f"the pod requests {request} {resource} and its limit is {limit}: no pod can be made",
                path=f"{workload.pod_path}.resources.requests.{resource}",
                item=f"pod/{resource}",
            )
