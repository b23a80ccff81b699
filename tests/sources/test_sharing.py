"""Equal parts of many objects are one object, and nothing else changes."""

import json
from typing import Any

import pytest

from daytwo.model.kinds import BY_NAME
from daytwo.model.metadata import Resource
from daytwo.model.pod import Pod
from daytwo.model.workload import Deployment
from daytwo.sources.kubernetes.decode import decode
from daytwo.sources.sharing import Shared

PROBE = {"exec": {"command": ["true"]}, "httpGet": {"path": "/", "port": "http"}, "tcpSocket": {"port": 80}}
TEMPLATE: dict[str, Any] = {
    "containers": [
        {
            "name": "app",
            "image": "registry.test/web:1",
            "command": ["run"],
            "args": ["--fast"],
            "env": [
                {"name": "A", "value": "1"},
                {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                {"name": "C", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}},
            ],
            "envFrom": [{"configMapRef": {"name": "c"}}, {"secretRef": {"name": "s"}}],
            "ports": [{"containerPort": 80, "name": "http"}],
            "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi", "cpu": 1}},
            "livenessProbe": PROBE,
            "readinessProbe": PROBE,
            "startupProbe": PROBE,
            "imagePullPolicy": "Always",
        }
    ],
    "initContainers": [{"name": "init", "image": "registry.test/init:1"}],
    "tolerations": [{"key": "a", "operator": "Exists", "tolerationSeconds": 300}],
    "nodeSelector": {"disk": "fast"},
    "nodeName": "node-a",
    "imagePullSecrets": [{"name": "pull"}],
}


def pod(name: str) -> bytes:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "u", "controller": True}
    metadata = {"name": name, "namespace": "shop", "labels": {"app": "web"}, "finalizers": ["x/y"], "ownerReferences": [owner]}
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True", "reason": "x"}],
        "containerStatuses": [{"name": "app", "image": "registry.test/web:1"}],
    }
    return json.dumps({"metadata": metadata, "spec": TEMPLATE, "status": status}).encode()


def shared(*resources: Resource) -> None:
    parts = Shared()
    for resource in resources:
        parts.share(resource)


def test_pods_of_one_template_share_it() -> None:
    """All that they have in common is there once."""
    first, second = decode(BY_NAME["Pod"], pod("web-1-a")), decode(BY_NAME["Pod"], pod("web-1-b"))
    shared(first, second)

    assert isinstance(first, Pod)
    assert isinstance(second, Pod)
    one, other = first.spec.containers[0], second.spec.containers[0]
    for field in ("name", "image", "command", "args", "env", "env_from", "ports", "resources", "liveness_probe", "startup_probe"):
        assert getattr(one, field) is getattr(other, field), field
    assert first.labels is second.labels
    assert first.metadata.owner_references is second.metadata.owner_references
    assert first.spec.tolerations is second.spec.tolerations
    assert first.spec.node_selector is second.spec.node_selector
    assert first.status.conditions[0].type is second.status.conditions[0].type


@pytest.mark.parametrize("kind", ["Pod", "Deployment"])
def test_nothing_changes(kind: str) -> None:
    """Each object equals what it was."""
    template = json.dumps({"metadata": {"name": "web"}, "spec": {"replicas": 2, "template": {"spec": TEMPLATE}}}).encode()
    raw = [pod("web-1-a"), pod("web-1-b")] if kind == "Pod" else [template, template]
    before = [decode(BY_NAME[kind], each) for each in raw]
    after = [decode(BY_NAME[kind], each) for each in raw]
    shared(*after)

    assert after == before
    assert repr(after) == repr(before)


def test_templates_share_with_their_pods() -> None:
    """A Deployment, its ReplicaSets and their pods are one template many times."""
    raw = json.dumps({"metadata": {"name": "web"}, "spec": {"template": {"spec": TEMPLATE}}}).encode()
    deployment, made = decode(BY_NAME["Deployment"], raw), decode(BY_NAME["Pod"], pod("web-1-a"))
    shared(deployment, made)

    assert isinstance(deployment, Deployment)
    assert isinstance(made, Pod)
    assert deployment.template.spec.containers[0].env is made.spec.containers[0].env
