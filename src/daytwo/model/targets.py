"""Where a Service leads as far as it is declared: the templates it selects, and the ports that their containers name."""

from collections.abc import Iterable, Iterator
from typing import Final

from daytwo.model.network import Service, ServicePort
from daytwo.model.pod_spec import ContainerPort
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot
from daytwo.model.templates import templates_selected
from daytwo.model.workload import CronJob, Job

_BATCH: Final = (Job, CronJob)


def served_templates(service: Service, snapshot: Snapshot) -> tuple[Runnable, ...]:
    """The workloads whose pods a Service is meant for, as far as they were seen: Jobs serve nobody."""
    if service.selector is None or service.spec.type == "ExternalName":
        return ()
    return tuple(one for one in templates_selected(service.selector, service.namespace, snapshot) if not isinstance(one, _BATCH))


def ports_of(runnables: Iterable[Runnable]) -> Iterator[ContainerPort]:
    """What containers declare that run for the pod's whole life: endpoints are made of these alone."""
    for runnable in runnables:
        for placed in runnable.running_containers():
            yield from placed.container.ports


def leads_to(port: ServicePort, runnable: Runnable) -> bool:
    """Whether a port of a Service finds one in these pods: a number always does, a name only where a container declares it."""
    target = port.pod_port
    return isinstance(target, int) or any(one.name == target and one.protocol == port.protocol for one in ports_of((runnable,)))


def number_of(port: int | str, runnable: Runnable) -> int | str:
    """A port's number, where a name was given that a container declares."""
    return next((one.container_port for one in ports_of((runnable,)) if one.name == port), port)
