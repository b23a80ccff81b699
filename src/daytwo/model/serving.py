"""Which Services lead to the pods of a template, and to which of their containers."""

from collections.abc import Iterable, Mapping
from typing import Final

from daytwo.model.network import Service
from daytwo.model.ref import Ref
from daytwo.model.runnable import Placed, Runnable
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Rollout, StatefulSet

# What a StatefulSet's controller adds to each of its pods: a Service may select one alone.
# https://kubernetes.io/docs/reference/labels-annotations-taints/#statefulset-kubernetes-io-pod-name
_POD_NAME: Final = "statefulset.kubernetes.io/pod-name"
_POD_INDEX: Final = "apps.kubernetes.io/pod-index"
_MOST_ORDINALS: Final = 10
# What Argo's controller adds to the selectors of a Rollout's Services: https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/
_ROLLOUT_HASH: Final = "rollouts-pod-template-hash"
_SCRAPING: Final = ("metrics", "prometheus")


def serving_services(runnable: Runnable, snapshot: Snapshot) -> tuple[Service, ...]:
    """The Services through which others reach these pods, told from the template; raises Unseen where none is seen and some may exist.

    One whose ports are all for scraping brings no users, and is not counted.
    """
    found = snapshot.once(_services).get(runnable.ref, ())
    if not found:
        snapshot.require(Service.KIND, runnable.namespace)
    return found


def serving_containers(runnable: Runnable, services: Iterable[Service]) -> tuple[Placed, ...]:
    """The containers that listen where these Services lead, as far as they declare their ports; none where none does."""
    targets = {
        (port.target_port if port.target_port not in (None, 0, "") else port.port, port.protocol)
        for service in services
        for port in service.spec.ports
    }
    return tuple(
        placed
        for placed in runnable.running_containers()
        if any((port.container_port, port.protocol) in targets or (port.name, port.protocol) in targets for port in placed.container.ports)
    )


def named(services: Iterable[Service]) -> str:
    """`Service web`, `Service web and 2 more`."""
    names = sorted(service.name for service in services)
    return f"Service {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _services(snapshot: Snapshot) -> Mapping[Ref, tuple[Service, ...]]:
    found: dict[Ref, tuple[Service, ...]] = {}
    for runnable in snapshot.runnables:
        services = {service.name: service for service in _leading_to(runnable, snapshot) if not _is_for_scraping(service)}
        if services:
            found[runnable.ref] = tuple(services.values())
    return found


def _leading_to(runnable: Runnable, snapshot: Snapshot) -> Iterable[Service]:
    yield from snapshot.services_selecting(runnable.pod_labels, runnable.namespace)
    if isinstance(runnable, StatefulSet):
        start = runnable.spec.ordinals.start
        for ordinal in range(start, start + min(runnable.replicas, _MOST_ORDINALS)):
            own = {_POD_NAME: f"{runnable.name}-{ordinal}", _POD_INDEX: str(ordinal)}
            yield from snapshot.services_selecting({**runnable.pod_labels, **own}, runnable.namespace)
    elif isinstance(runnable, Rollout):
        canary, blue_green = runnable.spec.strategy.canary, runnable.spec.strategy.blue_green
        names = {canary.stable_service, canary.canary_service} if canary is not None else set()
        names |= {blue_green.active_service, blue_green.preview_service} if blue_green is not None else set()
        for name in sorted(names - {""}):
            service = snapshot.find(Ref(Service.KIND, runnable.namespace, name))
            if isinstance(service, Service) and _selects_rollout(service, runnable):
                yield service


def _selects_rollout(service: Service, rollout: Rollout) -> bool:
    selector = {key: value for key, value in service.spec.selector.items() if key != _ROLLOUT_HASH}
    return bool(selector) and all(rollout.pod_labels.get(key) == value for key, value in selector.items())


def _is_for_scraping(service: Service) -> bool:
    return bool(service.spec.ports) and all(any(word in port.name for word in _SCRAPING) for port in service.spec.ports)
