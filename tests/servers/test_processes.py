"""Servers leave nothing behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.polling import until
from tests.servers.processes import ServerEnded, Servers, command_line, end_leftovers

CRASHING_RUN = """
import os, signal, sys
from pathlib import Path
from tests.servers.polling import until
from tests.servers.processes import Servers
servers = Servers(Path(sys.argv[1]))
servers.start("sleeper", ["tail", "-f", servers.folder / "pids"])
print(servers.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_leftovers_of_a_crashed_run_are_ended(tmp_path: Path) -> None:
    """A test run that is killed cannot end its servers: the next run does, by the ids in the folder nobody holds any more."""
    crashed = subprocess.run([sys.executable, "-c", CRASHING_RUN, tmp_path], capture_output=True, text=True, check=False)
    assert crashed.returncode == -signal.SIGKILL
    folder = Path(crashed.stdout.strip())
    pid = int((folder / "pids").read_text(encoding="utf-8"))
    assert str(folder) in command_line(pid)
    end_leftovers(tmp_path)
    assert str(folder) not in command_line(pid)
    assert not folder.exists()


def test_servers_of_a_living_run_are_left_alone(tmp_path: Path) -> None:
    """Several test workers run at once."""
    servers = Servers(tmp_path)
    servers.start("sleeper", ["tail", "-f", servers.folder / "pids"])
    end_leftovers(tmp_path)
    servers.check("sleeper")
    folder = servers.folder
    servers.close()
    assert not folder.exists()


def test_a_server_that_ends_by_itself_says_why(tmp_path: Path) -> None:
    """The end of its log is in the message."""
    servers = Servers(tmp_path)
    servers.start("broken", ["sh", "-c", "echo address already in use; exit 3"])
    until(lambda: "in use" in servers.log("broken"), "the server's last words")
    with pytest.raises(ServerEnded, match=r"(?s)broken ended with code 3.*address already in use"):
        until(lambda: servers.check("broken"), "the server to end")
    servers.close()
