"""Every quantity that a workload writes down, and where."""

from collections.abc import Iterator
from typing import NamedTuple

from daytwo.model.path import join
from daytwo.model.pod_spec import Quantity
from daytwo.model.runnable import Runnable


class Written(NamedTuple):
    """One request or limit; `side` is requests or limits, `where` names the container, or the pod."""

    resource: str
    value: Quantity
    side: str
    path: str
    where: str
    item: str


def written(workload: Runnable) -> Iterator[Written]:
    """The requests and limits of all containers, and of the pod as a whole."""
    for placed in workload.all_containers():
        where = f"{placed.role} {placed.container.name}"
        for side, values in (("requests", placed.container.resources.requests), ("limits", placed.container.resources.limits)):
            for resource, value in values.items():
                path = join(f"{placed.path}.resources.{side}", resource)
                yield Written(resource, value, side, path, where, f"{placed.container.name}/{side}/{resource}")
    pod = workload.pod_spec.resources
    if pod is not None:
        for side, values in (("requests", pod.requests), ("limits", pod.limits)):
            for resource, value in values.items():
                yield Written(
                    resource, value, side, join(f"{workload.pod_path}.resources.{side}", resource), "the pod", f"/{side}/{resource}"
                )
