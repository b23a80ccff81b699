"""A small synchronous client of the API server, so that the tests do not need daytwo to set their stage."""

import json
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import yaml

from tests.servers.polling import PATIENCE_SECONDS, until

Object = dict[str, Any]
Condition = Callable[[Object], bool]

PATCH_TYPES: Final = {
    "strategic": "application/strategic-merge-patch+json",
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}
_DISCOVERY: Final = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_GROUPS_FIRST: Final = ("", "apps", "batch", "autoscaling", "policy")


class ApiError(Exception):
    """The API server answered with an error."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(f"{code} {reason}: {message}")
        self.code = code
        self.reason = reason
        self.message = message


@dataclass(frozen=True)
class _Kind:
    group: str
    version: str
    kind: str
    plural: str
    is_namespaced: bool

    def path(self, namespace: str, name: str) -> str:
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        scope = f"/namespaces/{namespace}" if self.is_namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{name}" if name else "")


class Client:
    """One user's view of one API server. A kind is named `Deployment`, or `Service.serving.knative.dev` with its group."""

    def __init__(self, url: str, ca_file: Path, token: str, field_manager: str = "kubectl") -> None:
        self.url = url
        self._host = urlsplit(url).netloc
        self._tls = ssl.create_default_context(cafile=str(ca_file))
        self._token = token
        self._field_manager = field_manager
        self._kinds: list[_Kind] = []

    # -- objects --------------------------------------------------------------------------------------------------

    def create(self, resource: Object, namespace: str = "") -> Object:
        kind, namespace, _ = self._locate(resource, namespace)
        return self.request("POST", kind.path(namespace, ""), resource, query={"fieldManager": self._field_manager})

    def dry_run(self, resource: Object, namespace: str = "") -> Object:
        """What creating it would store; nothing is. A field that its kind does not have is refused."""
        kind, namespace, _ = self._locate(resource, namespace)
        return self.request("POST", kind.path(namespace, ""), resource, query={"dryRun": "All", "fieldValidation": "Strict"})

    def apply(self, resource: Object, namespace: str = "") -> Object:
        """Server-side apply, over whatever is there."""
        kind, namespace, name = self._locate(resource, namespace)
        query = {"fieldManager": self._field_manager, "force": "true"}
        return self.request("PATCH", kind.path(namespace, name), resource, query=query, content_type=PATCH_TYPES["apply"])

    def apply_all(self, resources: Iterable[Object], namespace: str = "") -> list[Object]:
        return [self.apply(resource, namespace) for resource in resources]

    def patch(self, kind: str, name: str, patch: object, namespace: str = "", how: str = "strategic", subresource: str = "") -> Object:
        """`how` is strategic, merge, json or apply."""
        path = self._kind(kind).path(namespace, name) + (f"/{subresource}" if subresource else "")
        query = {"fieldManager": self._field_manager} | ({"force": "true"} if how == "apply" else {})
        return self.request("PATCH", path, patch, query=query, content_type=PATCH_TYPES[how])

    def patch_status(self, kind: str, name: str, status: Object, namespace: str = "", how: str = "merge") -> Object:
        return self.patch(kind, name, {"status": status}, namespace, how, subresource="status")

    def delete(self, kind: str, name: str, namespace: str = "", propagation: str = "Background", grace_seconds: int | None = None) -> None:
        body: Object = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        if grace_seconds is not None:
            body["gracePeriodSeconds"] = grace_seconds
        self.request("DELETE", self._kind(kind).path(namespace, name), body)

    def get(self, kind: str, name: str, namespace: str = "") -> Object:
        return self.request("GET", self._kind(kind).path(namespace, name))

    def find(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """The object, or None when there is none."""
        try:
            return self.get(kind, name, namespace)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def list_of(self, kind: str, namespace: str = "", labels: str = "", fields: str = "") -> list[Object]:
        query = {key: value for key, value in (("labelSelector", labels), ("fieldSelector", fields)) if value}
        items = self.request("GET", self._kind(kind).path(namespace, ""), query=query).get("items")
        return list(items or ())

    # -- waiting --------------------------------------------------------------------------------------------------

    def wait_for(
        self,
        kind: str,
        name: str,
        namespace: str,
        condition: Condition,
        timeout_seconds: float = PATIENCE_SECONDS,
    ) -> Object:
        """The object, once the condition holds for it."""

        def probe() -> Object | None:
            found = self.find(kind, name, namespace)
            return found if found is not None and condition(found) else None

        return until(probe, f"{kind} {namespace}/{name} to be as wanted", timeout_seconds)

    def wait_gone(self, kind: str, name: str, namespace: str = "", timeout_seconds: float = PATIENCE_SECONDS) -> None:
        until(lambda: self.find(kind, name, namespace) is None, f"{kind} {namespace}/{name} to be gone", timeout_seconds)

    # -- the wire -------------------------------------------------------------------------------------------------

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> Object:
        answer: Object = json.loads(self.request_bytes(method, path, body, query, content_type, accept))
        return answer

    def request_bytes(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        accept: str = "*/*",
    ) -> bytes:
        """What the server answered. Raises ApiError for any status above 299."""
        connection: HTTPConnection = HTTPSConnection(self._host, context=self._tls, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {self._token}", "Accept": accept, "Content-Type": content_type}
            target = f"{path}?{urlencode(query)}" if query else path
            connection.request(method, target, None if body is None else json.dumps(body).encode(), headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status > 299:
            raise _error(response.status, response.reason, content)
        return content

    # -- kinds ----------------------------------------------------------------------------------------------------

    def _locate(self, resource: Object, namespace: str) -> tuple[_Kind, str, str]:
        group, _, version = resource["apiVersion"].rpartition("/")
        kind = self._kind(f"{resource['kind']}.{group}" if group else resource["kind"], group, version)
        metadata = resource["metadata"]
        return kind, metadata.get("namespace") or namespace or "default", metadata.get("name", "")

    def _kind(self, name: str, group: str | None = None, version: str = "") -> _Kind:
        found = self._known(name, group, version)
        if found is None:
            self._kinds = self._discover()
            found = self._known(name, group, version)
        if found is None:
            raise LookupError(f"the API server does not serve {name}")
        return found

    def _known(self, name: str, group: str | None, version: str) -> _Kind | None:
        bare, _, wanted = name.partition(".")
        wanted_group = group if group is not None else wanted or None
        for known in self._kinds:
            if known.kind == bare and wanted_group in (None, known.group) and version in ("", known.version):
                return known
        return None

    def _discover(self) -> list[_Kind]:
        kinds: list[_Kind] = []
        for path in ("/api", "/apis"):
            for group in self.request("GET", path, accept=_DISCOVERY)["items"]:
                name = group["metadata"].get("name", "")
                for version in group["versions"]:
                    for resource in version.get("resources", ()):
                        kind = resource["responseKind"].get("kind") or resource.get("singularResource", "")
                        is_namespaced = resource["scope"] == "Namespaced"
                        kinds.append(_Kind(name, version["version"], kind, resource["resource"], is_namespaced))
        rank = {group: number for number, group in enumerate(_GROUPS_FIRST)}
        return sorted(kinds, key=lambda kind: rank.get(kind.group, len(rank)))


def _error(code: int, reason: str, content: bytes) -> ApiError:
    try:
        status = json.loads(content)
    except ValueError:
        return ApiError(code, reason, content.decode(errors="replace"))
    return ApiError(code, status.get("reason", reason), status.get("message", ""))


def read_manifests(*paths: Path) -> list[Object]:
    """The objects of YAML files, in order."""
    found: list[Object] = []
    for path in paths:
        found.extend(document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document)
    return found
