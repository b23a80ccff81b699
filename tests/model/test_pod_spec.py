"""What a pod asks for, and what it names."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.model.pod_spec import PodSpec, Reference
from tests.objects import Object


def spec(**fields: Any) -> PodSpec:
    return msgspec.json.decode(msgspec.json.encode(fields), type=PodSpec)


def container(cpu: str = "", *, memory: str = "", limit: str = "", **more: Any) -> Object:
    requests = {name: value for name, value in (("cpu", cpu), ("memory", memory)) if value}
    return {"name": "c", "resources": {"requests": requests, "limits": {"cpu": limit} if limit else {}}, **more}


def init(cpu: str) -> Object:
    return container(cpu)


def sidecar(cpu: str) -> Object:
    return container(cpu, restartPolicy="Always")


# -- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "cpu"),
    [
        pytest.param({}, "0", id="nothing"),
        pytest.param({"containers": [container("100m"), container("1")]}, "1.1", id="containers add up"),
        pytest.param({"containers": [container("1")], "initContainers": [init("2"), init("3")]}, "3", id="the largest init container"),
        pytest.param(
            {"containers": [container("4")], "initContainers": [init("2"), init("3")]}, "4", id="init containers are over by then"
        ),
        pytest.param({"containers": [container("1")], "initContainers": [sidecar("2")]}, "3", id="a sidecar runs beside"),
        pytest.param({"containers": [container("1")], "initContainers": [sidecar("2"), init("5")]}, "7", id="init after sidecar"),
        pytest.param({"containers": [container("1")], "initContainers": [init("5"), sidecar("2")]}, "5", id="init before sidecar"),
        pytest.param({"containers": [container("1")], "initContainers": [sidecar("1"), init("1"), sidecar("9")]}, "11", id="all together"),
        pytest.param({"containers": [container("1")], "overhead": {"cpu": "250m"}}, "1.25", id="overhead"),
        pytest.param({"containers": [container("1")], "initContainers": [init("3")], "overhead": {"cpu": "1"}}, "4", id="overhead of init"),
        pytest.param({"containers": [container("1")], "resources": {"requests": {"cpu": "2"}}}, "2", id="pod level replaces"),
        pytest.param({"containers": [container("1")], "resources": {"requests": {"memory": "1Gi"}}}, "1", id="pod level of another"),
        pytest.param(
            {"containers": [container("1")], "resources": {"requests": {"cpu": "2"}}, "overhead": {"cpu": "1"}},
            "3",
            id="pod level and overhead",
        ),
        pytest.param({"containers": [container(limit="2")]}, "2", id="a limit alone is a request"),
        pytest.param({"containers": [container("1", limit="2")]}, "1", id="a limit above the request is none"),
        pytest.param({"containers": [container("much")]}, "0", id="no quantity asks for nothing"),
    ],
)
def test_requests_are_what_the_scheduler_counts(fields: Object, cpu: str) -> None:
    assert spec(**fields).requests().get("cpu", Decimal(0)) == Decimal(cpu)


def test_each_resource_is_counted_by_itself() -> None:
    """The largest init container for memory need not be the largest for cpu."""
    found = spec(
        containers=[container("1", memory="1Gi")],
        initContainers=[{**init("2"), "name": "a"}, container("100m", memory="4Gi", name="b")],
    )
    assert found.requests() == {"cpu": Decimal(2), "memory": Decimal(4 * 2**30)}


@given(st.lists(st.integers(0, 9), max_size=3), st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=5))
def test_requests_are_the_most_that_ever_runs_at_once(main: list[int], starting: list[tuple[int, bool]]) -> None:
    """Played through: init containers one after the other, with the sidecars that run by then, then everything."""
    running, most = 0, 0
    for cpu, stays in starting:
        most = max(most, running + cpu)
        running += cpu if stays else 0
    most = max(most, running + sum(main))
    found = spec(
        containers=[container(str(cpu)) for cpu in main],
        initContainers=[sidecar(str(cpu)) if stays else init(str(cpu)) for cpu, stays in starting],
    )
    assert found.requests().get("cpu", Decimal(0)) == most


# -- references -------------------------------------------------------------------------------------------------------


def test_references_to_configuration_are_found_wherever_a_pod_names_it() -> None:
    found = spec(
        initContainers=[{"name": "wait", "envFrom": [{"configMapRef": {"name": "init"}}]}],
        containers=[
            {
                "name": "app",
                "env": [
                    {"name": "PLAIN", "value": "x"},
                    {"name": "FIELD", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                    {"name": "LEVEL", "valueFrom": {"configMapKeyRef": {"name": "web", "key": "level", "optional": True}}},
                    {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                ],
                "envFrom": [{"secretRef": {"name": "all", "optional": True}}, {"configMapRef": {"name": "flags"}}],
            }
        ],
        volumes=[
            {"name": "config", "configMap": {"name": "web-config"}},
            {"name": "items", "configMap": {"name": "web-items", "items": [{"key": "a", "path": "x"}, {"key": "b", "path": "y"}]}},
            {"name": "tls", "secret": {"secretName": "web-tls", "optional": True}},
            {
                "name": "both",
                "projected": {
                    "sources": [
                        {"serviceAccountToken": {"path": "token"}},
                        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                        {"secret": {"name": "projected"}},
                    ]
                },
            },
            {"name": "tmp", "emptyDir": {}},
        ],
        imagePullSecrets=[{"name": "registry"}],
    )
    assert set(found.references()) == {
        Reference("ConfigMap", "init", "", False, "initContainers[wait].envFrom"),
        Reference("ConfigMap", "web", "level", True, "containers[app].env[LEVEL]"),
        Reference("Secret", "db", "password", False, "containers[app].env[PASSWORD]"),
        Reference("Secret", "all", "", True, "containers[app].envFrom"),
        Reference("ConfigMap", "flags", "", False, "containers[app].envFrom"),
        Reference("ConfigMap", "web-config", "", False, "volumes[config]"),
        Reference("ConfigMap", "web-items", "a", False, "volumes[items]"),
        Reference("ConfigMap", "web-items", "b", False, "volumes[items]"),
        Reference("Secret", "web-tls", "", True, "volumes[tls]"),
        Reference("ConfigMap", "kube-root-ca.crt", "ca.crt", False, "volumes[both]"),
        Reference("Secret", "projected", "", False, "volumes[both]"),
        Reference("Secret", "registry", "", True, "imagePullSecrets"),
    }


def test_claims_of_a_pod_include_those_made_with_it() -> None:
    volumes = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}},
        {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
        {"name": "tmp", "emptyDir": {}},
    ]
    assert list(spec(volumes=volumes).claim_names("db-0")) == ["data-db-0", "db-0-scratch"]
