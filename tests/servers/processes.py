"""Server processes of one folder: started in groups of their own, ended by their recorded ids, found again after a crash.

The folder's owner holds a lock on its file `pids`. Whoever gets that lock knows that the owner is gone and may end what it left.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import IO, Final

from tests.servers.polling import until

BASE: Final = Path(tempfile.gettempdir()) / f"daytwo-servers-{os.getuid()}"
_random: Final = Random()


class ServerEnded(Exception):
    """A server ended by itself; the message holds the end of its log."""


class Servers:
    """The processes of one folder."""

    def __init__(self, base: Path = BASE) -> None:
        base.mkdir(mode=0o700, exist_ok=True)
        end_leftovers(base)
        with _guarded(base):
            self.folder = Path(tempfile.mkdtemp(prefix="plane-", dir=base))
            self._pids: IO[str] = (self.folder / "pids").open("a", encoding="utf-8")
            fcntl.flock(self._pids, fcntl.LOCK_EX)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str | Path], user: str | None = None) -> None:
        """Starts a server in a process group of its own, as another user if asked. Its output goes to NAME.log in the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder, start_new_session=True, user=user
            )
        self._running[name] = process
        self._pids.write(f"{process.pid}\n")
        self._pids.flush()

    def check(self, name: str) -> None:
        """Raises ServerEnded when this server is no longer running."""
        code = self._running[name].poll()
        if code is not None:
            raise ServerEnded(f"{name} ended with code {code}:\n{self.log(name)[-3000:]}")

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def signal(self, name: str, number: signal.Signals) -> None:
        """Sends a signal to a server's group: SIGSTOP makes it hang, SIGCONT lets it go on."""
        os.killpg(self._running[name].pid, number)

    def is_running(self, name: str) -> bool:
        return name in self._running and self._running[name].poll() is None

    def wait(self, name: str) -> None:
        """Waits until a server that was asked to end has done so."""
        until(lambda: not self.is_running(name), f"{name} to end")
        self._running.pop(name)

    def end(self, name: str) -> None:
        """Ends one server at once: nothing that a test started has anything to save."""
        process = self._running.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Ends all servers, the last started first, and removes the folder."""
        for name in reversed(tuple(self._running)):
            self.end(name)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._pids.close()


def end_leftovers(base: Path = BASE) -> None:
    """Ends the servers, and removes the folders, of test runs that could not do it themselves."""
    with _guarded(base):
        for pids in base.glob("plane-*/pids"):
            try:
                with pids.open(encoding="utf-8") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    for line in file:
                        _end_leftover(int(line), pids.parent)
                    shutil.rmtree(pids.parent, ignore_errors=True)
            except (BlockingIOError, FileNotFoundError):
                continue  # its owner lives, or is just cleaning up


@contextmanager
def _guarded(base: Path) -> Iterator[None]:
    """One at a time: a folder that is being made has no owner yet."""
    with (base / "lock").open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _end_leftover(pid: int, folder: Path) -> None:
    """Ends a process group, if the process with this id is still the one that was started for this folder."""
    if str(folder) not in command_line(pid):
        return
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    until(lambda: str(folder) not in command_line(pid), f"process {pid} to end")


def command_line(pid: int) -> str:
    """How a process was started; empty when it is gone."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now, below those that the system hands to clients, so that they stay free until used."""
    found: list[int] = []
    while len(found) < count:
        port = _random.randrange(15000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found
