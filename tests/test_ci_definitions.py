"""What other people's CI runs of this repository: the hook of pre-commit and the GitHub Action, as they stand in their files."""

import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from subprocess import CompletedProcess, run
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[1]
KNOWN_GOOD: Final = Path(__file__).parent / "known-good"
BIN: Final = Path(sys.executable).parent

PRIVILEGED: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: app
          image: web:1.0
          securityContext:
            privileged: true
"""
# What would be run, or written, where a shell or an option parser took it for more than a path.
HOSTILE: Final = (
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "a' ; touch pwned ; '",
    '" ; touch pwned ; "',
    "x\n& touch pwned",
    "*",
)


def document(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A working tree with one bad manifest in it, and no repository around it."""
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "web.yaml").write_text(PRIVILEGED, encoding="utf-8")
    return folder


# -- pre-commit -------------------------------------------------------------------------------------------------------


def hook() -> dict[str, Any]:
    (found,) = document(".pre-commit-hooks.yaml")
    assert isinstance(found, dict)
    return found


def run_hook(folder: Path) -> CompletedProcess[str]:
    """As pre-commit runs it: entry and arguments, in the root of the tree."""
    definition = hook()
    words = [*shlex.split(definition["entry"]), *definition["args"]]
    assert definition["pass_filenames"] is False
    return run(words, cwd=folder, env={"PATH": f"{BIN}:/usr/bin:/bin", "LANG": "C.UTF-8"}, capture_output=True, text=True, check=False)


def test_the_hook_stops_a_commit_for_what_is_high_or_worse(tree: Path) -> None:
    done = run_hook(tree)
    assert done.returncode == 1
    assert "pod-security/privileged-container" in done.stdout
    assert "web.yaml:16:13" in done.stdout


def test_the_hook_lets_good_manifests_pass(tree: Path) -> None:
    (tree / "web.yaml").unlink()
    shutil.copytree(KNOWN_GOOD, tree / "manifests", ignore=shutil.ignore_patterns("*.md"))
    done = run_hook(tree)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("file", ["a/web.yaml", "web.yml", "dump.json", "chart/templates/_helpers.tpl"])
def test_the_hook_is_run_for_what_may_hold_manifests(file: str) -> None:
    assert re.search(hook()["files"], file)


@pytest.mark.parametrize("file", ["web.py", "yaml", "web.yaml.bak", "README.md"])
def test_the_hook_is_not_run_for_anything_else(file: str) -> None:
    assert not re.search(hook()["files"], file)


# -- the action -------------------------------------------------------------------------------------------------------


def inputs_of(action: Any, **given: str) -> dict[str, str]:
    assert set(given) <= {name.replace("-", "_") for name in action["inputs"]}
    return {name: given.get(name.replace("-", "_"), one["default"]) for name, one in action["inputs"].items()}


def run_action(folder: Path, **given: str) -> CompletedProcess[str]:
    """The step that checks, as a runner runs it: its script by bash, with what GitHub puts into its variables."""
    action = document("action.yml")
    inputs = inputs_of(action, **given)
    step = action["runs"]["steps"][1]
    own: dict[str, str] = {}
    for variable, value in step["env"].items():
        found = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value)
        assert found is not None, variable
        own[variable] = inputs[found[1]]
    temporary = folder.parent / "runner"
    programs = temporary / "daytwo" / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    if not (programs / "daytwo").exists():
        (programs / "daytwo").symlink_to(BIN / "daytwo")
    script = temporary / "script.sh"
    script.write_text(step["run"], encoding="utf-8")
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "RUNNER_TEMP": str(temporary), **own}
    # So a runner calls `shell: bash`.
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_no_script_holds_what_somebody_else_writes() -> None:
    """An expression in a script is replaced before a shell reads it: whoever writes the input would write the script."""
    for step in document("action.yml")["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_every_input_has_a_default_and_is_told_of() -> None:
    for name, one in document("action.yml")["inputs"].items():
        assert isinstance(one["default"], str), name
        assert one["description"].endswith("."), name


def test_every_input_is_used() -> None:
    action = document("action.yml")
    used = " ".join(value for step in action["runs"]["steps"] for value in step["env"].values())
    assert {name for name in action["inputs"] if f"inputs.{name} }}}}" not in used} == set()


def test_the_action_annotates_and_fails_the_job(tree: Path) -> None:
    done = run_action(tree)
    assert done.returncode == 1
    assert "::error file=web.yaml,line=16,col=13,title=" in done.stdout
    assert "pod-security/privileged-container" in done.stdout


def test_the_action_writes_sarif_beside_annotations(tree: Path) -> None:
    done = run_action(tree, sarif="daytwo.sarif")
    assert done.returncode == 1
    assert "::error " in done.stdout
    written = json.loads((tree / "daytwo.sarif").read_text(encoding="utf-8"))
    assert written["version"] == "2.1.0"
    assert "pod-security/privileged-container" in {result["ruleId"] for result in written["runs"][0]["results"]}


def test_the_action_takes_several_paths_a_profile_and_a_version(tree: Path) -> None:
    (tree / "more files").mkdir()
    (tree / "more files" / "api.yaml").write_text(PRIVILEGED.replace("web", "api"), encoding="utf-8")
    done = run_action(tree, paths="web.yaml\nmore files\n", profile="pss-baseline", kubernetes="1.34", fail_on="none")
    assert (done.returncode, done.stderr) == (0, "")
    assert "file=web.yaml," in done.stdout
    assert "file=more files/api.yaml," in done.stdout


def test_the_action_counts_what_is_new_alone(tree: Path) -> None:
    recorded = run([BIN / "daytwo", "record", ".", "--out", "../base.recording"], cwd=tree, capture_output=True, text=True, check=False)
    assert recorded.returncode == 0, recorded.stderr
    same = run_action(tree, since="../base.recording")
    assert (same.returncode, same.stdout) == (0, "")
    (tree / "api.yaml").write_text(PRIVILEGED.replace("web", "api"), encoding="utf-8")
    more = run_action(tree, since="../base.recording")
    assert more.returncode == 1
    assert "file=api.yaml," in more.stdout
    assert "file=web.yaml," not in more.stdout


@pytest.mark.parametrize("name", ["paths", "profile", "fail_on", "since", "kubernetes", "sarif"])
@pytest.mark.parametrize("value", HOSTILE)
def test_what_stands_in_an_input_is_never_run(tree: Path, name: str, value: str) -> None:
    done = run_action(tree, **{name: value})
    assert not list(tree.parent.rglob("pwned"))
    assert "Traceback" not in done.stderr
    if name != "sarif":
        assert done.returncode == 2, done.stdout


@pytest.mark.parametrize("option", ["--help", "-oSARIF", "--demo", "-o=json=written", "--fail-on=none"])
def test_a_path_is_never_taken_for_an_option(tree: Path, option: str) -> None:
    done = run_action(tree, paths=option)
    assert done.returncode == 2
    assert f"{option}: there is no such file" in done.stderr
    assert [path.name for path in tree.iterdir()] == ["web.yaml"]
