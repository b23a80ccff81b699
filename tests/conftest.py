"""What all tests may ask for: the real control plane, a namespace in it, control planes of one's own, and ledgers on both databases."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers import binaries
from tests.servers import helm as helms
from tests.servers.control_plane import ControlPlane, Options
from tests.servers.postgresql import PostgreSQL
from tests.shop.shop import OPTIONS, Shop, raise_shop

if TYPE_CHECKING:
    from daytwo.ledger.database import Ledger

NewControlPlane = Callable[[Options], ControlPlane]
NewShop = Callable[[], Shop]
NewLedger = Callable[[], "Ledger"]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Has the servers' programs ready, built if need be, before the first test's time begins to count."""
    is_on_cluster = any(item.get_closest_marker("cluster") for item in session.items)
    is_rendering = any("helm" in getattr(item, "fixturenames", ()) for item in session.items)
    if session.config.option.collectonly or not (is_on_cluster or is_rendering):
        return
    capture = session.config.pluginmanager.getplugin("capturemanager")

    def say(text: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"{text}\n")

    try:
        if is_on_cluster:
            binaries.find_or_build(say)
        if is_rendering:
            helms.find_or_build(say)
    except binaries.Missing as missing:
        raise pytest.UsageError(str(missing)) from missing


def programs() -> dict[str, Path]:
    found = binaries.find(binaries.pinned_versions())
    assert len(found) == len(binaries.PROGRAMS), f"mark this test with `cluster`, or run `{binaries.COMMAND}`"
    return found


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    """One real control plane for all tests of this worker, with three nodes in three zones. Keep to your own namespace."""
    with ControlPlane(programs()) as plane:
        for zone in "abc":
            plane.add_node(f"node-{zone}", zone=f"test-{zone}")
        plane.wait_nodes("node-a", "node-b", "node-c")
        yield plane


@pytest.fixture(scope="session")
def helm() -> Path:
    """The real helm."""
    return helms.find_or_build(lambda text: None)


@pytest.fixture
def new_control_plane() -> Iterator[NewControlPlane]:
    """Starts control planes that only this test uses, so that it may break them."""
    planes: list[ControlPlane] = []

    def start(options: Options) -> ControlPlane:
        planes.append(ControlPlane(programs(), options))
        return planes[-1]

    yield start
    for plane in planes:
        plane.close()


@pytest.fixture
def namespace(control_plane: ControlPlane, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of this test's own, named after it, ready for pods."""
    stem = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:40].strip("-")
    client = control_plane.client()
    created = client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": f"{stem}-"}})
    name: str = created["metadata"]["name"]
    client.wait_for("ServiceAccount", "default", name, bool)
    yield name
    client.delete("Namespace", name)


@pytest.fixture(scope="session")
def healthy_shop() -> Iterator[Shop]:
    """The sample shop, all of it well, for all tests of this worker: only look at it."""
    with ControlPlane(programs(), OPTIONS) as plane:
        yield raise_shop(plane)


@pytest.fixture
def new_shop() -> Iterator[NewShop]:
    """Raises shops that only this test uses, so that it may hurt them."""
    planes: list[ControlPlane] = []

    def start() -> Shop:
        planes.append(ControlPlane(programs(), OPTIONS))
        return raise_shop(planes[-1])

    yield start
    for plane in planes:
        plane.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """One PostgreSQL server for all tests of this worker. Ask for `ledger_name` to have a database in it."""
    server = PostgreSQL()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_name(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where a ledger may be made, as `--ledger` takes it: the test runs once for each kind of database."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    if request.param == "sqlite":
        yield str(tmp_path / "ledger.db")
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.new_database()
    yield url
    server.drop_database(url)


@pytest.fixture
def new_ledger(ledger_name: str) -> Iterator[NewLedger]:
    """Opens the ledger of this test, as often as asked: each is like another process's."""
    from daytwo.ledger.database import open_ledger

    ledgers: list[Ledger] = []

    def new() -> "Ledger":
        ledgers.append(open_ledger(ledger_name))
        return ledgers[-1]

    yield new
    for ledger in ledgers:
        ledger.close()


@pytest.fixture
def ledger(new_ledger: NewLedger) -> "Ledger":
    return new_ledger()
