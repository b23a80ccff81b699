"""The workers as the test has them: started, stopped, killed, looked after."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from tests.servers.polling import until


class Nursery:
    """Makes workers quickly. What they say on stderr is kept in one file."""

    def __init__(self, folder: Path) -> None:
        self.errors = folder / "workers.log"
        self._pids: set[int] = set()
        with self.errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.torture.worker", "serve"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for pid in [*self._pids]:
            self.kill(pid)
        self._process.kill()
        self._process.communicate()

    def start(self, ledger: str, kubeconfig: Path, **options: object) -> int:
        """The process id of a new worker."""
        words = ["--ledger", ledger, "--kubeconfig", str(kubeconfig)]
        for name, value in options.items():
            words += [f"--{name.replace('_', '-')}", str(value)]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(words) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        self._pids.add(pid)
        return pid

    def is_alive(self, pid: int) -> bool:
        if pid not in self._pids:
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            self._pids.discard(pid)
            return False
        return True

    def kill(self, pid: int) -> None:
        """As the machine's end would: nothing of it gets to say anything."""
        if self.is_alive(pid):
            os.kill(pid, signal.SIGKILL)
            until(lambda: not self.is_alive(pid), f"worker {pid} to be gone")

    def stop(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)

    def go_on(self, pid: int) -> None:
        os.kill(pid, signal.SIGCONT)
