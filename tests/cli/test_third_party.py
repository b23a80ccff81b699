"""A check of another package, found by its entry point, stands beside the built-in ones."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "own-checks.md"


def example(language: str) -> str:
    """The page's example, as a reader would copy it."""
    found = re.search(rf"^```{language}\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The folder of an installed package with one check and its entry point."""
    (tmp_path / "acme_unlabelled.py").write_text(example("python"), encoding="utf-8")
    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n", encoding="utf-8")
    entry_points = tomllib.loads(example("toml"))["project"]["entry-points"]
    lines = [f"[{group}]\n" + "".join(f"{name} = {module}\n" for name, module in found.items()) for group, found in entry_points.items()]
    (info / "entry_points.txt").write_text("".join(lines), encoding="utf-8")
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


def test_its_options_are_set_in_a_profile(package: Path) -> None:
    profile = package / "own.yaml"
    profile.write_text("checks: [acme/unlabelled]\noptions: {acme/unlabelled: {label: squad}}\n", encoding="utf-8")
    assert "has no label squad" in daytwo(package, "check", "--demo", "--profile", str(profile)).stdout
