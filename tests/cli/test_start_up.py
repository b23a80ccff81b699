"""Commands that need no cluster start at once: heavy libraries stay out of them."""

import sys
from subprocess import run

import pytest

from tests.cli.conftest import Desk

HEAVY = {"sqlalchemy", "httpx2", "rich", "jinja2", "cryptography", "kubernetes_asyncio", "aiohttp", "yaml", "asyncio"}
# The entry point, then what it left imported, in a line of its own.
RUN = "import sys, atexit; atexit.register(lambda: print('imported', *sys.modules)); from daytwo.app import main; main()"


def imported(*arguments: str) -> set[str]:
    done = run([sys.executable, "-c", RUN, *arguments], capture_output=True, encoding="utf-8", check=True)
    return set(done.stdout.rpartition("imported ")[2].split())


OFFLINE = (
    *("", "--help", "review --help", "version", "checks", "explain storage/claim-lost", "completion bash"),
    *("act", "act --help", "act scale --help", "act --role scale", "runs --help", "brakes --help", "undo --help"),
)


@pytest.mark.parametrize("command", OFFLINE)
def test_heavy_libraries_are_not_imported(command: str) -> None:
    assert {name.partition(".")[0] for name in imported(*command.split())} & HEAVY == set()


def test_help_imports_no_command_and_no_model_but_errors() -> None:
    ours = {name for name in imported("--help") if name.startswith("daytwo")}
    assert not {name for name in ours if name.startswith(("daytwo.cli.review", "daytwo.domains", "daytwo.sources", "daytwo.engine"))}
    assert {name for name in ours if name.startswith("daytwo.model.")} <= {"daytwo.model.errors"}


def test_explain_imports_the_module_of_that_check_alone() -> None:
    checks = {name for name in imported("explain", "storage/claim-lost") if ".checks." in name}
    assert checks == {"daytwo.domains.storage.checks.claim_lost"}


def test_an_action_imports_its_own_module_alone() -> None:
    actions = {name for name in imported("act", "cordon", "--help") if name.startswith("daytwo.actions.")}
    assert actions & {"daytwo.actions.scale", "daytwo.actions.drain", "daytwo.actions.set_image"} == set()


def test_completion_scripts_name_the_command(desk: Desk) -> None:
    for shell in ("bash", "zsh", "fish"):
        done = desk.run("daytwo", "completion", shell)
        assert done.returncode == 0
        assert "_DAYTWO_COMPLETE" in done.stdout


def test_commands_and_checks_are_completed(desk: Desk) -> None:
    """As the bash script asks."""

    def completed(words: str) -> list[str]:
        done = desk.run("daytwo", _DAYTWO_COMPLETE="bash_complete", COMP_WORDS=f"daytwo {words}", COMP_CWORD=str(len(words.split(" "))))
        return [row.partition(",")[2] for row in done.stdout.splitlines()]

    assert completed("rev") == ["review"]
    assert "storage/claim-lost" in completed("explain claim")
    assert "storage/claim-lost" in completed("review --only storage/")
    assert "--timezone" in completed("review --time")
    assert completed("act set-") == ["set-image", "set-resources"]
    assert completed("act scale deploy/web --rep") == ["--replicas"]
    assert completed("brakes o") == ["on", "off"]
