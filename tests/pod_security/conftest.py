"""Namespaces of the real API server that enforce the Pod Security Standards."""

from collections.abc import Iterator

import pytest

from tests.pod_security.admission import LEVELS, VERSIONS, Question, make_namespaces
from tests.servers.client import Client
from tests.servers.control_plane import ControlPlane


@pytest.fixture(scope="session")
def client(control_plane: ControlPlane) -> Iterator[Client]:
    """The administrator, once there is a namespace for each level and version."""
    client = control_plane.client()
    make_namespaces(client, VERSIONS)
    yield client
    for level in LEVELS:
        for version in VERSIONS:
            client.delete("Namespace", Question({}, level, version).namespace)
