"""A check of another package, found by its entry point, stands beside the built-in ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECK = '''"""The check `acme/unlabelled`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Namespace, heading=Heading.OPERATIONS, severity=Severity.HIGH)
def unlabelled(namespace: Namespace, snapshot: Snapshot) -> Iterator[Hit]:
    """A namespace that no team has put its label on.

    Why: nobody knows whom to call.
    Fix: add the label team.
    Source: https://acme.example/handbook
    """
    if "team" not in namespace.labels:
        yield Hit("has no label team", path="metadata.labels")
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The folder of an installed package with one check and its entry point."""
    (tmp_path / "acme_unlabelled.py").write_text(CHECK, encoding="utf-8")
    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[daytwo.checks]\nacme/unlabelled = acme_unlabelled\n", encoding="utf-8")
    return tmp_path


def daytwo(package: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(package)}
    program = Path(sys.executable).with_name("daytwo")
    return subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_check_of_another_package_is_listed_explained_and_run(package: Path) -> None:
    assert "acme/unlabelled" in daytwo(package, "checks").stdout
    assert "nobody knows whom to call" in daytwo(package, "explain", "unlabelled").stdout
    run = daytwo(package, "check", "--demo", "--only", "acme/unlabelled")
    assert "has no label team" in run.stdout
    assert run.returncode == 1
