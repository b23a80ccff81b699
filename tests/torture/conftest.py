"""The ground on which runs are tortured: one control plane for all of it, with an audit log, and a ledger for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from daytwo.ledger.database import open_ledger
from tests.conftest import programs
from tests.servers.control_plane import ControlPlane
from tests.servers.history import History
from tests.torture.arena import OPTIONS, WATCHED
from tests.torture.ground import Ground
from tests.torture.workers import Nursery

NewWorker = Callable[..., int]


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane(programs(), OPTIONS) as plane:
        for zone in "ab":
            plane.add_node(f"node-{zone}", zone=f"test-{zone}")
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
        return nursery.start(ledger_name, kubeconfig or ground.kubeconfig, **options)

    return start
