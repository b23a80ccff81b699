"""What is mended is taken by the API server that took what it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daytwo.model.repaired import ChangedFile
from daytwo.sources.manifests.defaults import read_table, tables
from daytwo.sources.manifests.values import values_of
from tests.completeness.test_repairs import SPEC_CHECKS, repaired, repairs_of
from tests.defaults.server import answer, plain_server
from tests.servers.client import Client, Object

TREE = Path(__file__).parent / "tree"


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    with plain_server() as client:
        yield client


def objects_of(text: str) -> list[Object]:
    return [found.value for found in values_of(text) if isinstance(found.value, dict)]


def newly_refused(server: Client, file: ChangedFile) -> Iterator[Object]:
    """Objects that were changed or added, that the server refuses, though it would have taken what they were."""
    before = objects_of(file.before)
    for number, after in enumerate(objects_of(file.after)):
        was = before[number] if number < len(before) else None
        is_new = was is None or (is_served(was) and answer(server, was) is not None)
        if after != was and is_new and is_served(after) and answer(server, after) is None:
            yield after


def is_served(one: Object) -> bool:
    """Whether the plain server has its kind in its version: nobody added any to it."""
    return f"{one['apiVersion']} {one['kind']}" in read_table(tables()[-1]).rules


@pytest.mark.cluster
def test_a_mended_tree_is_taken_by_the_server(server: Client) -> None:
    repairs = repaired(TREE, ())
    assert len({finding.check for finding in repairs.mended}) > 20
    assert [one for file in repairs.files for one in newly_refused(server, file)] == []


@pytest.mark.cluster
def test_no_repair_of_a_specimen_makes_an_object_that_the_server_refuses(server: Client, tmp_path: Path) -> None:
    files = [file for check in SPEC_CHECKS for repairs in repairs_of(check, tmp_path) for file in repairs.files]
    assert len(files) > 60
    assert [one for file in files for one in newly_refused(server, file)] == []
