"""The ground on which runs are tortured: one control plane for all of it, with an audit log, and a ledger for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from daytwo.ledger.database import open_ledger
from tests.conftest import programs
from tests.servers.control_plane import ControlPlane
from tests.servers.history import History
from tests.servers.polling import until
from tests.torture.arena import OPERATOR, OPTIONS, WATCHED, give_rights
from tests.torture.ground import Ground
from tests.torture.workers import Nursery


def _may_patch_nodes(plane: ControlPlane) -> bool:
    asked = {"resourceAttributes": {"verb": "patch", "resource": "nodes"}}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": asked}
    answer = plane.client(OPERATOR).request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    return bool(answer["status"]["allowed"])


NewWorker = Callable[..., int]


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane(programs(), OPTIONS) as plane:
        for zone in "ab":
            plane.add_node(f"node-{zone}", zone=f"test-{zone}")
        give_rights(plane.client())
        until(lambda: _may_patch_nodes(plane), "the rights to count")
        yield plane


@pytest.fixture(scope="session")
def history(plane: ControlPlane) -> Iterator[History]:
    with History(plane, WATCHED) as history:
        yield history


@pytest.fixture
def ground(plane: ControlPlane, history: History, ledger_name: str) -> Iterator[Ground]:
    with open_ledger(ledger_name) as ledger:
        yield Ground(plane, history, ledger, Random(7))


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    with Nursery(tmp_path) as nursery:
        yield nursery
        complaints = nursery.errors.read_text()
    assert not complaints, complaints


@pytest.fixture
def new_worker(ground: Ground, nursery: Nursery, ledger_name: str) -> NewWorker:
    """Starts a worker as the operator, and gives its process id."""

    def start(kubeconfig: Path | None = None, **options: object) -> int:
        return nursery.start(ledger_name, kubeconfig or ground.kubeconfig, acts_as=ground.acts_as, **options)

    return start
