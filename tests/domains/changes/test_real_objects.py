"""The tables of list keys and of defaults, held against a real API server."""

import json
from typing import Any

import pytest

from daytwo.domains.changes.diff import differences
from daytwo.domains.changes.list_keys import keys_of
from daytwo.model.change import Apply
from daytwo.model.json import Json, Object
from daytwo.model.kinds import kind_name
from daytwo.model.target import built_in
from tests.servers.client import PATCH_TYPES, Client
from tests.servers.control_plane import ControlPlane

pytestmark = pytest.mark.cluster

_DEEPEST = 24
Schema = dict[str, Any]


class Lists:
    """The keys of every list in the schemas of one group and version."""

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self._schemas = schemas
        self.found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def walk(self, schema: Schema, kind: str, names: tuple[str, ...], depth: int = 0) -> None:
        schema = self._resolved(schema)
        if depth > _DEEPEST or names[:1] in (("status",), ("conditions",)):
            return
        if schema.get("type") != "array":
            for name, child in schema.get("properties", {}).items():
                self.walk(child, kind, (*names, name), depth + 1)
            return
        keys = tuple(schema.get("x-kubernetes-list-map-keys", ()))
        self.found[(kind, names)] = keys
        if keys:
            self.walk(schema["items"], kind, names, depth + 1)

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["allOf"][0]
        return schema


def lists_of(client: Client) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
    found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
    for path, place in client.request("GET", "/openapi/v3")["paths"].items():
        api_version = path.removeprefix("apis/").removeprefix("api/")
        if path.count("/") != (2 if path.startswith("apis/") else 1) or ".well-known" in path:
            continue
        url, _, query = str(place["serverRelativeURL"]).partition("?")
        schemas = client.request("GET", url, query=dict([query.split("=", 1)]))["components"]["schemas"]
        lists = Lists(schemas)
        for schema in schemas.values():
            for each in schema.get("x-kubernetes-group-version-kind", ()):
                own = f"{each['group']}/{each['version']}".lstrip("/")
                if own == api_version and "metadata" in schema.get("properties", {}) and not each["kind"].endswith("List"):
                    lists.walk(schema, kind_name(api_version, each["kind"]), ())
        found |= lists.found
    return found


def test_lists_have_the_keys_that_the_api_server_says(control_plane: ControlPlane) -> None:
    """Every list of every built-in kind, as its OpenAPI document tells it: keyed by these fields, or one value."""
    real = lists_of(control_plane.client())
    assert sum(map(bool, real.values())) > 100
    assert {place: keys_of(*place) for place in real} == real


POD: Object = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "web:1"}]}}
RICH: Object = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {
        "initContainers": [{"name": "init", "image": "web"}],
        "containers": [
            {
                "name": "app",
                "image": "web:1",
                "ports": [{"containerPort": 80}],
                "env": [{"name": "A", "value": "b"}, {"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                "livenessProbe": {"httpGet": {"port": 80, "path": "/"}},
                "readinessProbe": {"tcpSocket": {"port": 80}},
                "startupProbe": {"exec": {"command": ["true"]}},
                "resources": {"requests": {"memory": "1024Mi", "cpu": "0.1"}},
                "volumeMounts": [{"name": "c", "mountPath": "/c"}],
            }
        ],
        "volumes": [
            {"name": "c", "configMap": {"name": "x"}},
            {"name": "e", "emptyDir": {}},
            {"name": "s", "secret": {"secretName": "x"}},
            {"name": "h", "hostPath": {"path": "/h"}},
            {"name": "p", "projected": {"sources": [{"configMap": {"name": "x"}}]}},
        ],
    },
}
ONCE: Object = {"spec": {"restartPolicy": "Never", "containers": [{"name": "app", "image": "web"}]}}
MATCH: Object = {"matchLabels": {"app": "web"}}
CLAIM: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}}
BACKEND: Object = {"service": {"name": "web", "port": {"number": 80}}}
RULES: Json = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]


@pytest.mark.parametrize(
    ("api_version", "kind", "value"),
    [
        ("apps/v1", "Deployment", {"spec": {"selector": MATCH, "template": RICH}}),
        ("apps/v1", "StatefulSet", {"spec": {"serviceName": "w", "selector": MATCH, "template": POD}}),
        (
            "apps/v1",
            "StatefulSet",
            {"spec": {"selector": MATCH, "template": POD, "volumeClaimTemplates": [{"metadata": {"name": "d"}, "spec": CLAIM}]}},
        ),
        ("apps/v1", "DaemonSet", {"spec": {"selector": MATCH, "template": POD}}),
        ("batch/v1", "Job", {"spec": {"template": ONCE}}),
        ("batch/v1", "CronJob", {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": ONCE}}}}),
        ("v1", "Pod", {"spec": {"containers": [{"name": "app", "image": "web"}]}}),
        ("v1", "Service", {"spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}),
        ("v1", "Service", {"spec": {"type": "LoadBalancer", "selector": {"a": "b"}, "ports": [{"port": 80, "targetPort": "http"}]}}),
        ("v1", "ConfigMap", {"data": {"a": "b"}}),
        ("v1", "Secret", {"stringData": {"a": "b"}}),
        ("v1", "ServiceAccount", {}),
        ("v1", "PersistentVolumeClaim", {"spec": CLAIM}),
        ("policy/v1", "PodDisruptionBudget", {"spec": {"minAvailable": 1, "selector": MATCH}}),
        (
            "networking.k8s.io/v1",
            "Ingress",
            {"spec": {"rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": BACKEND}]}}]}},
        ),
        ("networking.k8s.io/v1", "NetworkPolicy", {"spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]}}),
        ("rbac.authorization.k8s.io/v1", "Role", {"rules": RULES}),
        ("v1", "ResourceQuota", {"spec": {"hard": {"pods": "5", "requests.cpu": "0.5"}}}),
    ],
)
def test_a_new_object_has_nothing_besides_what_was_asked_for(
    control_plane: ControlPlane, namespace: str, api_version: str, kind: str, value: Object
) -> None:
    """What the API server fills in by itself on any cluster is known as its defaults."""
    metadata: Json = {"name": "web", "namespace": namespace}
    manifest: Object = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **value}
    client = control_plane.client()
    target = built_in(kind, namespace, "web") if "rbac" not in api_version else None
    path = target.path if target is not None else f"/apis/{api_version}/namespaces/{namespace}/roles/web"
    query = {"fieldManager": "daytwo", "dryRun": "All"}
    after = json.loads(client.request_bytes("PATCH", path, manifest, query=query, content_type=PATCH_TYPES["apply"]))
    found = differences(Apply(target or built_in("ConfigMap", namespace, "web"), manifest), None, after)
    assert found.besides == ()
    assert bool(found.asked) == bool(value)
