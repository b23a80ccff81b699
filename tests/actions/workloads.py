"""Workloads for the real API server, and waiting until they are as they shall be."""

from typing import Any

from tests.actions.world import World
from tests.objects import Object


def deployment(name: str = "web", *, kind: str = "Deployment", image: str = "web:1", replicas: int = 3, **spec: Any) -> Object:
    """A workload of one container `app`; `template` adds to the pod's metadata, `pod` to its spec, and anything else to the spec."""
    template, pod = spec.pop("template", {}), spec.pop("pod", {})
    found: Object = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}, **template},
                "spec": {"containers": [{"name": "app", "image": image}], **pod},
            },
            **spec,
        },
    }
    if kind != "DaemonSet":
        found["spec"]["replicas"] = replicas
    if kind == "StatefulSet":
        found["spec"].setdefault("podManagementPolicy", "Parallel")
    return found


def ready(world: World, value: Object) -> None:
    """Creates it and waits until all of it is ready."""
    world.client.create(value, world.namespace)
    wait_ready(world, value["kind"], value["metadata"]["name"])


def wait_ready(world: World, kind: str, name: str) -> None:
    def is_ready(found: Object) -> bool:
        status = found.get("status", {})
        if status.get("observedGeneration") != found["metadata"]["generation"]:
            return False
        if kind == "DaemonSet":
            return bool(status["desiredNumberScheduled"]) and status.get("numberAvailable", 0) == status["desiredNumberScheduled"]
        wanted = found["spec"]["replicas"]
        return bool(status.get("availableReplicas", 0) == wanted == status.get("replicas", 0))

    world.client.wait_for(kind, name, world.namespace, is_ready)
