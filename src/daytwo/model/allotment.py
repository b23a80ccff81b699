"""What a container is given: its own requests and limits, and what the API server adds to them as it makes the pod."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from daytwo.model.autoscaler import VERTICAL_RESOURCES
from daytwo.model.pod_spec import Container, PodSpec, Quantity
from daytwo.model.policy import LimitRange, LimitRangeItem
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.scaling import vertical_scalers_of
from daytwo.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Allotment:
    """Requests and limits by resource, as they were written or as a LimitRange gives them."""

    requests: Mapping[str, Quantity]
    limits: Mapping[str, Quantity]


_NONE: Final = Allotment({}, {})


@dataclass(frozen=True, slots=True)
class _Defaults:
    requests: Mapping[str, Quantity]
    limits: Mapping[str, Quantity]


def allotment(container: Container, runnable: Runnable, snapshot: Snapshot) -> Allotment:
    """What this container of these pods has once a pod is made.

    A limit without a request is a request too; then each LimitRange that was seen in the namespace fills in what is still missing.
    Where LimitRanges were not read, the container is taken as it stands: most namespaces have none.
    Source: https://kubernetes.io/docs/concepts/policy/limit-range/
    """
    requests, limits = container.requests, container.resources.limits
    defaults = snapshot.once(_defaults).get(runnable.namespace)
    if defaults is None:
        return Allotment(requests, limits)
    return Allotment({**defaults.requests, **requests}, {**defaults.limits, **limits})


def names_request(container: Container, runnable: Runnable, resource: str, snapshot: Snapshot) -> bool:
    """Whether some of this resource is asked for it: by itself, by default, by its pod, or by a VerticalPodAutoscaler as pods are made.

    Raises Unseen where only the last could, and nobody looked.
    """
    return writes_request(container, runnable, resource, snapshot) or (
        resource in VERTICAL_RESOURCES
        and any(scaler.controls(container.name, resource) for scaler in vertical_scalers_of(runnable.ref, snapshot))
    )


def writes_request(container: Container, runnable: Runnable, resource: str, snapshot: Snapshot) -> bool:
    """Whether some of this resource is asked for it by itself, by default, or by its pod."""
    return resource in pod_level(runnable).requests or resource in allotment(container, runnable, snapshot).requests


def names_limit(container: Container, runnable: Runnable, resource: str, snapshot: Snapshot) -> bool:
    """Whether its use of this resource is bounded: by its own limit, by default, or by that of its pod."""
    return resource in pod_level(runnable).limits or resource in allotment(container, runnable, snapshot).limits


def pod_level(runnable: Runnable) -> Allotment:
    """What the pod as a whole has, `spec.resources`, once it is made: where it is limited and does not say what it asks for, it asks
    for what its containers ask for together, or for the limit.

    Source: https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/v1/defaults.go, defaultPodRequests
    """
    spec = runnable.pod_spec
    if spec.resources is None:
        return _NONE
    requests = dict(spec.resources.requests)
    if spec.resources.limits:
        together = _total(spec, lambda container: container.requests)
        for resource in ("cpu", "memory"):
            if resource not in requests and resource in together:
                # A text that counts to the very same.
                requests[resource] = str(together[resource])
        for resource, limit in spec.resources.limits.items():
            requests.setdefault(resource, limit)
    return Allotment(requests, spec.resources.limits)


def of_containers(runnable: Runnable, snapshot: Snapshot) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """What the containers of one pod request and are limited to together, per resource: the larger of all that run together and of
    each init container with the sidecars started before it.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
    """
    spec = runnable.pod_spec
    return (
        _total(spec, lambda container: allotment(container, runnable, snapshot).requests),
        _total(spec, lambda container: allotment(container, runnable, snapshot).limits),
    )


def totals(runnable: Runnable, snapshot: Snapshot, *, with_overhead: bool = True) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """What one pod requests and is limited to, as the scheduler and a quota count it: what its containers do together, and in place
    of that what the pod says as a whole. Overhead is added (to limits where there are some).
    """
    requests, limits = of_containers(runnable, snapshot)
    whole = pod_level(runnable)
    requests.update({resource: quantity_or_zero(value) for resource, value in whole.requests.items()})
    limits.update({resource: quantity_or_zero(value) for resource, value in whole.limits.items()})
    for resource, value in runnable.pod_spec.overhead.items() if with_overhead else ():
        requests[resource] = requests.get(resource, Decimal(0)) + quantity_or_zero(value)
        if resource in limits:
            limits[resource] += quantity_or_zero(value)
    return requests, limits


def _total(spec: PodSpec, of: Callable[[Container], Mapping[str, Quantity]]) -> dict[str, Decimal]:
    running: dict[str, Decimal] = {}
    for container in spec.containers:
        _add(running, of(container))
    peak: dict[str, Decimal] = {}
    sidecars: dict[str, Decimal] = {}
    for container in spec.init_containers:
        given = of(container)
        if container.is_sidecar:
            _add(sidecars, given)
            _add(running, given)
            alone = sidecars
        else:
            alone = dict(sidecars)
            _add(alone, given)
        for resource, needed in alone.items():
            peak[resource] = max(peak.get(resource, Decimal(0)), needed)
    return {resource: max(running.get(resource, Decimal(0)), peak.get(resource, Decimal(0))) for resource in running.keys() | peak.keys()}


def _add(total: dict[str, Decimal], more: Mapping[str, Quantity]) -> None:
    for resource, value in more.items():
        total[resource] = total.get(resource, Decimal(0)) + quantity_or_zero(value)


def bounds_of(snapshot: Snapshot, namespace: str, type: str) -> Iterator[tuple[LimitRange, LimitRangeItem]]:
    """The bounds of one type that were seen in a namespace."""
    for limit_range in snapshot.seen(LimitRange, namespace):
        for item in limit_range.spec.limits:
            if item.type == type:
                yield limit_range, item


def _defaults(snapshot: Snapshot) -> dict[str, _Defaults]:
    """Namespace → what its LimitRanges give to containers that name nothing. Of several the first one's value stands."""
    found: dict[str, tuple[dict[str, Quantity], dict[str, Quantity]]] = {}
    for limit_range in snapshot.seen(LimitRange):
        for item in limit_range.spec.limits:
            if item.type != "Container":
                continue
            # The API server completes the item as it is stored: a maximum is a default limit, that is a default request, else the minimum.
            limits = {**item.max, **item.default}
            requests = {**item.min, **limits, **item.default_request}
            known_requests, known_limits = found.setdefault(limit_range.namespace, ({}, {}))
            known_requests.update({resource: value for resource, value in requests.items() if resource not in known_requests})
            known_limits.update({resource: value for resource, value in limits.items() if resource not in known_limits})
    return {namespace: _Defaults(requests, limits) for namespace, (requests, limits) in found.items()}
