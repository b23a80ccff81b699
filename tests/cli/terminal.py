"""A terminal of a given size in which a command runs, and what it shows."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic

_PATIENCE_SECONDS = 60.0
_OSC_OR_CSI = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)")


class Terminal:
    """Standard input, output and error of one process, all on a pseudo-terminal, as for somebody who types."""

    def __init__(self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str], columns: int, rows: int = 50) -> None:
        self._shown = b""
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], list(command), {"TERM": "xterm-256color", **environment})
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def shown(self) -> str:
        return self._shown.decode("utf-8", "replace").replace("\r\n", "\n")

    @property
    def plain(self) -> str:
        """Without colours and movements."""
        return _OSC_OR_CSI.sub("", self.shown)

    def wait_for(self, text: str, *, times: int = 1) -> None:
        """Reads until a text was shown so often."""
        self._read(lambda: self.plain.count(text) >= times)
        assert self.plain.count(text) >= times, f"never showed {text!r}:\n{self.plain}"

    def type(self, text: str) -> None:
        """As a person does, with Enter at the end."""
        os.write(self._file, text.encode() + b"\n")

    def press_ctrl_c(self) -> None:
        os.write(self._file, b"\x03")

    def end(self) -> int:
        """Reads to the end; the exit code, or minus the signal that ended it."""
        self._read(lambda: False)
        _, status = os.waitpid(self.pid, 0)
        os.close(self._file)
        return os.waitstatus_to_exitcode(status)

    def _read(self, is_enough: Callable[[], bool]) -> None:
        deadline = monotonic() + _PATIENCE_SECONDS
        while not is_enough():
            ready, _, _ = select.select([self._file], [], [], max(0.0, deadline - monotonic()))
            if not ready:
                os.kill(self.pid, signal.SIGKILL)
                raise AssertionError(f"nothing more came within {_PATIENCE_SECONDS} s after:\n{self.plain}")
            try:
                found = os.read(self._file, 65536)
            except OSError:
                return  # Linux says so when the last process has closed the terminal.
            if not found:
                return
            self._shown += found
