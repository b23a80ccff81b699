"""`daytwo check --fix`: what is shown is what is written, only on yes, and then it is looked at again."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal

DEPLOYMENT = """\
# our web tier
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web   # the site
  namespace: shop
spec:
  replicas: 2
  revisionHistoryLimit: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app
          image: "registry.example.com/web:1"
"""
ONLY = ("--only", "readiness/no-revision-history")
"""One check, so that a new one changes nothing here."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "web.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    return tmp_path


def daytwo(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).with_name("daytwo")
    return subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL
    )


def test_without_a_terminal_nothing_is_written_and_the_flag_is_named(tree: Path) -> None:
    run = daytwo(tree, "check", "--fix", *ONLY, "deploy")
    assert "-  revisionHistoryLimit: 0" in run.stdout
    assert "--yes writes what is shown" in run.stderr
    assert (tree / "deploy" / "web.yaml").read_text(encoding="utf-8") == DEPLOYMENT


def test_yes_writes_what_was_shown_keeps_the_rest_and_looks_again(tree: Path) -> None:
    path = tree / "deploy" / "web.yaml"
    path.chmod(0o640)
    run = daytwo(tree, "check", "--fix", "--yes", *ONLY, "deploy")
    after = path.read_text(encoding="utf-8")
    changed = [(one, other) for one, other in zip(DEPLOYMENT.splitlines(), after.splitlines(), strict=True) if one != other]
    assert len(changed) == 1
    assert changed[0][0] == "  revisionHistoryLimit: 0"
    assert "NO FINDINGS" in run.stdout
    assert run.returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_dry_run_writes_nothing_even_with_yes(tree: Path) -> None:
    daytwo(tree, "check", "--fix", "--yes", "--dry-run", *ONLY, "deploy")
    assert (tree / "deploy" / "web.yaml").read_text(encoding="utf-8") == DEPLOYMENT


def test_line_ends_of_another_system_stay(tree: Path) -> None:
    path = tree / "deploy" / "web.yaml"
    path.write_bytes(DEPLOYMENT.replace("\n", "\r\n").encode())
    daytwo(tree, "check", "--fix", "--yes", *ONLY, "deploy")
    after = path.read_bytes()
    assert after != DEPLOYMENT.replace("\n", "\r\n").encode()
    assert after.count(b"\r\n") == after.count(b"\n") == DEPLOYMENT.count("\n")


def test_a_byte_order_mark_stays(tree: Path) -> None:
    path = tree / "deploy" / "web.yaml"
    path.write_text(f"\ufeff{DEPLOYMENT}", encoding="utf-8")
    daytwo(tree, "check", "--fix", "--yes", *ONLY, "deploy")
    after = path.read_text(encoding="utf-8")
    assert after.startswith("\ufeff# our web tier")
    assert after.removeprefix("\ufeff") != DEPLOYMENT


def test_what_is_not_mended_says_why(tree: Path) -> None:
    run = daytwo(tree, "check", "--fix", "--only", "images/tag-missing", "--only", "resources/memory-request-missing", "deploy")
    assert "LEFT TO YOU  1\n  resources/memory-request-missing: how much a container needs is only known by who runs it\n" in run.stdout
    assert "nothing here can be mended without a decision of yours" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--fix", "--demo"), "--fix changes files: name them"),
        (("--fix",), "--fix changes files: name them"),
        (("--yes", "deploy"), "say how to --fix; add it"),
        (("--out", "x", "deploy"), "say how to --fix; add it"),
    ],
)
def test_flags_that_make_no_sense_are_refused(tree: Path, arguments: tuple[str, ...], told: str) -> None:
    run = daytwo(tree, "check", *arguments)
    assert run.returncode == 2
    assert told in run.stderr


def test_a_rendered_tree_is_patched_beside_it(tree: Path) -> None:
    (tree / "deploy" / "kustomization.yaml").write_text("resources: [web.yaml]\n", encoding="utf-8")
    shown = daytwo(tree, "check", "--fix", *ONLY, "deploy")
    assert "patched by a kustomization beside it, and --out FOLDER says where" in shown.stderr
    written = daytwo(tree, "check", "--fix", "--yes", "--out", "patched", *ONLY, "deploy")
    assert "patched: a kustomization that patches deploy" in written.stdout
    assert (tree / "deploy" / "web.yaml").read_text(encoding="utf-8") == DEPLOYMENT
    again = daytwo(tree, "check", *ONLY, "patched")
    assert "NO FINDINGS" in again.stdout, again.stdout + again.stderr


@pytest.mark.parametrize(("answer", "is_written"), [("y", True), ("", False), ("n", False)])
def test_at_a_terminal_it_asks(tree: Path, answer: str, is_written: bool) -> None:
    command = [str(Path(sys.executable).with_name("daytwo")), "check", "--fix", *ONLY, "deploy"]
    terminal = Terminal(command, folder=tree, environment=dict(os.environ), columns=120)
    terminal.wait_for("write 1 file? [y/N]")
    assert (tree / "deploy" / "web.yaml").read_text(encoding="utf-8") == DEPLOYMENT
    terminal.type(answer)
    terminal.end()
    assert ((tree / "deploy" / "web.yaml").read_text(encoding="utf-8") != DEPLOYMENT) is is_written
