"""Foreign programs: nothing of ours goes in, no secret comes out, and nothing is left running."""

import asyncio
import os
from pathlib import Path

import pytest

from daytwo.api_server.configuration import find_target, impersonating
from daytwo.model.masked import MASK
from daytwo.model.outcome import Outcome, Status
from daytwo.writers.process import ProcessRunner
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until


def run(*argv: str, runner: ProcessRunner | None = None) -> Outcome:
    return asyncio.run((runner or ProcessRunner()).run(argv))


def shell(script: str, runner: ProcessRunner | None = None) -> Outcome:
    return run("sh", "-c", script, runner=runner)


@pytest.mark.parametrize(
    ("script", "status", "detail"),
    [
        ("echo done; echo and more >&2", Status.DONE, "exit code 0: done\nand more"),
        ("true", Status.DONE, "exit code 0"),
        ("echo no; exit 3", Status.FAILED, "exit code 3; what it did until then is not known: no"),
        ("kill -TERM $$", Status.UNKNOWN, "killed by SIGTERM"),
        ("cat", Status.DONE, "exit code 0"),
        ("seq 1 100000", Status.DONE, "exit code 0: " + "\n".join(str(number) for number in range(99_991, 100_001))),
    ],
)
def test_how_it_ended_is_told_by_its_exit_code_and_last_lines(script: str, status: Status, detail: str) -> None:
    """Nothing is on its standard input; of much output the end is kept."""
    found = shell(script)
    assert (found.status, found.detail) == (status, detail)


def test_it_gets_an_environment_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables, home and aliases of whoever runs daytwo do not change what a command means."""
    monkeypatch.setenv("DAYTWO_PLANTED", "leaked")
    monkeypatch.setenv("KUBECONFIG", "/planted")
    found = shell("env; ls -A $HOME")
    names = {line.partition("=")[0] for line in found.detail.removeprefix("exit code 0: ").splitlines()}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "HOME", "LANG", "KUBERC", "KUBECTL_KUBERC"}


def test_what_cannot_be_started_has_certainly_done_nothing(tmp_path: Path) -> None:
    """Not there, not executable, or only in a folder that a profile has put into PATH."""
    (tmp_path / "helm").write_text("#!/nowhere\n")
    (tmp_path / "helm").chmod(0o755)
    for argv in (("no-such-program",), (str(tmp_path / "missing"),), (str(tmp_path / "helm"),), ("sh", "\x00")):
        found = run(*argv)
        assert found.status is Status.FAILED
        assert found.detail.startswith("nothing was run: ")
    assert run().status is Status.FAILED


def test_no_shell_looks_at_the_arguments() -> None:
    """They arrive as they are."""
    assert run("printf", "%s|", "$HOME", "`id`", "a b", "*").detail == "exit code 0: $HOME|`id`|a b|*|"


def test_credentials_in_its_output_are_masked() -> None:
    """What a program prints is kept in the ledger."""
    found = shell("echo password=hunter2-and-more")
    assert "hunter2" not in found.detail
    assert MASK in found.detail
    # One line, of which the end alone would look harmless.
    assert "hunter2" not in shell("printf 'password='; head -c 20000 /dev/zero | tr '\\0' a; echo hunter2").detail


def _is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_what_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    """Then nobody knows how far it got."""
    pids = tmp_path / "pids"
    found = shell(f"sleep 100 & echo $! > {pids}; echo $$ >> {pids}; echo begun; wait", ProcessRunner(timeout_seconds=0.5))
    assert (found.status, found.detail) == (Status.UNKNOWN, "killed: it had not ended after 0.5 s: begun")
    for pid in map(int, pids.read_text().split()):
        until(lambda pid=pid: not _is_running(pid), f"{pid} to be gone")  # type: ignore[misc]


def test_what_it_leaves_behind_is_ended(tmp_path: Path) -> None:
    """A child in the background that holds the output open does not hold up the run."""
    pids = tmp_path / "pids"
    found = shell(f"sleep 100 & echo $! > {pids}; echo done", ProcessRunner(grace_seconds=0.2))
    assert (found.status, found.detail) == (Status.DONE, "exit code 0: done")
    pid = int(pids.read_text())
    until(lambda: not _is_running(pid), "the child to be gone")


def test_who_stops_waiting_kills_it(tmp_path: Path) -> None:
    """A run that is interrupted leaves nothing running."""
    pids = tmp_path / "pids"

    async def interrupted() -> None:
        task = asyncio.create_task(ProcessRunner().run(("sh", "-c", f"echo $$ > {pids}; exec sleep 100")))
        while not pids.exists() or not pids.read_text():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupted())
    pid = int(pids.read_text())
    until(lambda: not _is_running(pid), "it to be gone")


@pytest.mark.cluster
def test_it_works_on_the_cluster_that_was_shown(control_plane: ControlPlane) -> None:
    """Its kubeconfig has one context, is nobody else's to read, is gone afterwards, and impersonates whom the plan named."""
    target = find_target(None, control_plane.kubeconfig(), {})
    kubectl = str(control_plane.kubectl)
    who = (kubectl, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
    assert run(kubectl, "config", "get-contexts", "-o", "name", runner=ProcessRunner(target)).detail == "exit code 0: admin"
    assert run(*who, runner=ProcessRunner(target)).detail == "exit code 0: admin"
    assert run(*who, runner=ProcessRunner(impersonating(target, "someone"))).detail == "exit code 0: someone"
    found = shell("stat -c %a $KUBECONFIG; echo $KUBECONFIG", ProcessRunner(target)).detail.removeprefix("exit code 0: ").splitlines()
    assert found[0] == "600"
    assert not os.path.lexists(found[1])
