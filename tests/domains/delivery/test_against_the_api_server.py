"""What the API server serves, refuses and takes is what the checks of names, labels and versions say of it."""

import re
from random import Random
from typing import Any, Final

import pytest

from daytwo.catalog import find_check
from daytwo.domains.delivery.api_lifecycle import LIFECYCLES
from daytwo.engine.judge import judge
from daytwo.model.severity import Verdict
from tests.servers.client import ApiError, Client
from tests.servers.control_plane import ControlPlane
from tests.specimen import snapshot_of

pytestmark = pytest.mark.cluster

_CHARACTERS: Final = "abzAZ019-_./ +:ü"


def test_versions_said_to_be_gone_are_not_served(control_plane: ControlPlane) -> None:
    """And what takes their place is, where it is said to be there by now."""
    client = control_plane.client()
    served, minor = _served(client), _minor(client)
    for (api_version, kind), found in LIFECYCLES.items():
        if found.removed is not None and found.removed <= minor:
            assert (api_version, kind) not in served, (
                f"{api_version} {kind} is served by 1.{minor}, and should be gone since 1.{found.removed}"
            )
        instead, _, other = found.instead.partition(" ")
        if instead and found.since <= minor and "alpha" not in instead and "beta" not in instead:
            assert (instead, other or kind) in served, f"{instead} {other or kind} is not served by 1.{minor}"


def test_labels_and_names_are_refused_where_the_api_server_refuses_them(control_plane: ControlPlane, namespace: str) -> None:
    """Drawn ones, short and long; the message is ours, the verdict is the server's."""
    client, draw = control_plane.client(), Random(5)
    refused = 0
    for number in range(400):
        drawn = _drawn(draw, number)
        drawn["metadata"]["namespace"] = namespace
        is_refused = _is_refused(client, drawn, namespace)
        assert _is_hit(drawn) == is_refused, f"{drawn['metadata']}: the API server {'refuses' if is_refused else 'takes'} it"
        refused += is_refused
    assert 80 < refused < 320, "too few of one sort to mean anything"


def _served(client: Client) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    versions = [version["groupVersion"] for group in client.request("GET", "/apis")["groups"] for version in group["versions"]]
    for version in ["v1", *versions]:
        path = f"/api/{version}" if version == "v1" else f"/apis/{version}"
        found.update((version, resource["kind"]) for resource in client.request("GET", path)["resources"] if "/" not in resource["name"])
    return found


def _minor(client: Client) -> int:
    return int(re.sub(r"\D", "", client.request("GET", "/version")["minor"]))


def _drawn(draw: Random, number: int) -> dict[str, Any]:
    """A ConfigMap or a Service of which one thing is odd."""
    name, key, value, annotation = "fine", "fine", "fine", "fine"
    match number % 4:
        case 0:
            name = _text(draw, 253)
        case 1:
            key = "/".join(_text(draw, 63) for _ in range(draw.choice((1, 1, 2, 3))))
        case 2:
            value = _text(draw, 63)
        case _:
            annotation = "/".join(_text(draw, 63) for _ in range(draw.choice((1, 2))))
    metadata = {"name": name, "labels": {key: value}, "annotations": {annotation: "anything: at all"}}
    if draw.random() < 0.4:
        return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [{"port": 80}]}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def _text(draw: Random, longest: int) -> str:
    """Mostly letters: else every one would be refused."""
    length = draw.choice((1, 2, 3, 5, longest, longest + 1))
    odd = draw.random() < 0.5
    return "".join(draw.choice(_CHARACTERS if odd and draw.random() < 0.3 else "abzAZ0") for _ in range(length))


def _is_refused(client: Client, resource: dict[str, Any], namespace: str) -> bool:
    try:
        client.dry_run(resource, namespace)
    except ApiError as error:
        if error.code in (400, 422):
            return True
        raise
    return False


def _is_hit(resource: dict[str, Any]) -> bool:
    snapshot = snapshot_of({"at": "2026-11-20T08:00:00Z", "files": True, "items": [resource]})
    judgement = judge(snapshot, [find_check("delivery/label-invalid"), find_check("delivery/name-invalid")])
    return any(finding.verdict is Verdict.FAIL for finding in judgement.findings)
