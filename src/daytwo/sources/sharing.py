"""What many objects have in common, kept once: the pods of one template differ in little. Halves a snapshot of many pods."""

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import force_setattr

from daytwo.model.metadata import Condition, Metadata, Resource
from daytwo.model.pod import Pod
from daytwo.model.pod_spec import Container, PodSpec, Resources
from daytwo.model.workload import Workload

T = TypeVar("T")


class Shared:
    """The parts met so far. Equal parts become one; they are frozen, so nobody can tell."""

    def __init__(self) -> None:
        self._parts: dict[object, object] = {}

    def share(self, resource: Resource) -> None:
        """Replaces the parts of an object by equal ones met before."""
        self._metadata(resource.metadata)
        if isinstance(resource, Pod):
            self._spec(resource.spec)
            for status in resource.statuses:
                self._fields(status, "name", "image")
            self._conditions(resource.status.conditions)
            self._fields(resource.status, "phase", "qos_class")
        elif isinstance(resource, Workload):
            self._spec(resource.template.spec)

    def _metadata(self, metadata: Metadata) -> None:
        self._fields(metadata, "namespace", "owner_references", "finalizers")
        force_setattr(metadata, "labels", self._mapping(metadata.labels))

    def _spec(self, spec: PodSpec) -> None:
        for container in (*spec.containers, *spec.init_containers):
            self._container(container)
        self._fields(
            spec, "node_name", "tolerations", "scheduler_name", "service_account_name", "image_pull_secrets", "priority_class_name"
        )
        force_setattr(spec, "node_selector", self._mapping(spec.node_selector))

    def _container(self, container: Container) -> None:
        self._fields(
            container,
            "name",
            "image",
            "command",
            "args",
            "env",
            "env_from",
            "ports",
            "liveness_probe",
            "readiness_probe",
            "startup_probe",
            "image_pull_policy",
        )
        force_setattr(container, "resources", self._resources(container.resources))

    def _resources(self, resources: Resources) -> Resources:
        key = (Resources, *resources.requests.items(), None, *resources.limits.items())
        return self._keyed(key, resources)

    def _conditions(self, conditions: tuple[Condition, ...]) -> None:
        for condition in conditions:
            self._fields(condition, "type", "status", "reason")

    def _fields(self, part: Struct, *names: str) -> None:
        for name in names:
            value = getattr(part, name)
            if value:
                force_setattr(part, name, self._keyed(value, value))

    def _mapping(self, mapping: dict[str, str]) -> dict[str, str]:
        return self._keyed((dict, *mapping.items()), mapping)

    def _keyed(self, key: object, value: T) -> T:
        return self._parts.setdefault(key, value)  # type: ignore[return-value]  # equal keys are made of equal values
