"""Whatever runs pods: a workload, or a pod that nothing controls. Checks of pod specs take these as their subjects."""

from enum import StrEnum
from typing import NamedTuple

from daytwo.model.metadata import Resource
from daytwo.model.pod_spec import Container, PodSpec


class Role(StrEnum):
    """What a container is for its pod."""

    MAIN = "container"
    SIDECAR = "sidecar"
    INIT = "init container"
    EPHEMERAL = "ephemeral container"


class Placed(NamedTuple):
    """A container with the path to it in its object, such as `spec.template.spec.containers[app]`."""

    container: Container
    path: str
    role: Role

    @property
    def runs_on(self) -> bool:
        """Whether it runs for the pod's whole life."""
        return self.role is Role.MAIN or self.role is Role.SIDECAR


class Runnable(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """The common face of everything with a pod spec. As a check's kind it means those at the top of their owner chain."""

    @property
    def pod_spec(self) -> PodSpec:
        raise NotImplementedError(f"{type(self).__name__} has no pod spec")

    @property
    def pod_labels(self) -> dict[str, str]:
        raise NotImplementedError(f"{type(self).__name__} has no pod labels")

    @property
    def pod_annotations(self) -> dict[str, str]:
        raise NotImplementedError(f"{type(self).__name__} has no pod annotations")

    @property
    def template_path(self) -> str:
        """The path to what holds the pod's metadata and spec: `spec.template.`, with its dot; empty for a pod."""
        return "spec.template."

    @property
    def pod_path(self) -> str:
        """The path to the pod spec: `spec.template.spec`."""
        return f"{self.template_path}spec"

    def all_containers(self) -> list[Placed]:
        """Init containers, sidecars, containers, ephemeral ones, in that order."""
        spec, path = self.pod_spec, self.pod_path
        placed = [Placed(container, f"{path}.containers[{container.name}]", Role.MAIN) for container in spec.containers]
        if spec.init_containers:
            placed[:0] = [
                Placed(container, f"{path}.initContainers[{container.name}]", Role.SIDECAR if container.is_sidecar else Role.INIT)
                for container in spec.init_containers
            ]
        if spec.ephemeral_containers:
            placed += [
                Placed(container, f"{path}.ephemeralContainers[{container.name}]", Role.EPHEMERAL)
                for container in spec.ephemeral_containers
            ]
        return placed

    def running_containers(self) -> list[Placed]:
        """Those that run for the pod's whole life: sidecars and containers."""
        return [placed for placed in self.all_containers() if placed.runs_on]
