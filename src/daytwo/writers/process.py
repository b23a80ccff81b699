"""Runs a foreign argv: no shell, nothing of our environment, on one cluster as one user; what it did is known by its exit code alone."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from daytwo.api_server.configuration import Target
from daytwo.model.masking import mask
from daytwo.model.outcome import Outcome, Status

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where programs are found: not where a profile of the moment says, so that it is the same for every worker."""

_LONGEST_OUTPUT_BYTES: Final = 16_384
_LAST_LINES: Final = 10
_LONGEST_TOLD: Final = 2_000
_CHUNK_BYTES: Final = 65_536


class ProcessRunner:
    """Runs one argv after the other. `target` is the cluster that a kubeconfig of its own names to them; none means that none does.

    A program that has not ended after `timeout_seconds` is killed with all that it started. `path` are the folders of programs.
    """

    def __init__(
        self,
        target: Target | None = None,
        *,
        timeout_seconds: float = 3_600.0,
        grace_seconds: float = 2.0,
        path: str = PATH,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._target = target
        self._timeout_seconds = timeout_seconds
        self._grace_seconds = grace_seconds
        self._path = path
        self._clock = clock

    async def run(self, argv: tuple[str, ...]) -> Outcome:
        """How it ended. Failed without having been started, failed by its own word, or unknown: stopped on the way."""
        program = which(argv[0], path=self._path) if argv else None
        if program is None:
            return Outcome(
                Status.FAILED, self._clock(), f"nothing was run: there is no program {mask(argv[0] if argv else '')} in {self._path}"
            )
        with self._environment() as environment, _Output() as output:
            try:
                process = await asyncio.create_subprocess_exec(
                    # The absolute path, as found: what PATH means to the program's own children is another matter.
                    program,
                    *argv[1:],
                    stdin=DEVNULL,
                    stdout=output.entrance,
                    stderr=output.entrance,
                    env=environment,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                return Outcome(Status.FAILED, self._clock(), f"nothing was run: {error}")
            return await self._ended(process, output)

    async def _ended(self, process: Process, output: "_Output") -> Outcome:
        reading = asyncio.create_task(output.read())
        try:
            code = await asyncio.wait_for(process.wait(), self._timeout_seconds)
        except TimeoutError:
            detail = f"killed: it had not ended after {self._timeout_seconds:g} s{output.told()}"
            return Outcome(Status.UNKNOWN, self._clock(), detail)
        else:
            # What it left running in the background may hold the output open for ever.
            await asyncio.wait([reading], timeout=self._grace_seconds)
        finally:
            _kill_group(process)
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
            await process.wait()
        if code == 0:
            return Outcome(Status.DONE, self._clock(), f"exit code 0{output.told()}")
        if code < 0:
            return Outcome(Status.UNKNOWN, self._clock(), f"killed by {signal.Signals(-code).name}{output.told()}")
        return Outcome(Status.FAILED, self._clock(), f"exit code {code}; what it did until then is not known{output.told()}")

    @contextmanager
    def _environment(self) -> Iterator[Mapping[str, str]]:
        """All variables that it gets, with a home of its own that is empty but for the kubeconfig."""
        with TemporaryDirectory(prefix="daytwo-", ignore_cleanup_errors=True) as folder:
            home = Path(folder, "home")
            home.mkdir(mode=0o700)
            environment = {
                "PATH": self._path,
                "HOME": str(home),
                "LANG": "C.UTF-8",
                # kubectl: no aliases and no defaults that somebody has set for himself.
                "KUBERC": "off",
                "KUBECTL_KUBERC": "false",
            }
            if self._target is not None and self._target.files:
                kubeconfig = Path(folder, "kubeconfig")
                with os.fdopen(os.open(kubeconfig, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                    file.write(msgspec.json.encode(_kubeconfig(self._target)))
                environment["KUBECONFIG"] = str(kubeconfig)
            elif self._target is not None:
                environment |= {name: os.environ[name] for name in _IN_CLUSTER if name in os.environ}
            yield environment


_IN_CLUSTER: Final = ("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT")


def _kubeconfig(target: Target) -> Mapping[str, object]:
    """The target's context as the only one, with its impersonation."""
    found = deepcopy(dict(target.written))
    who = dict(target.headers).get("Impersonate-User", "")
    for user in found.get("users") or ():
        written = user.get("user") or {}
        if who:
            user["user"] = {**written, "as": who}
        else:
            written.pop("as", None)
    return found


class _Output:
    """The end of what a program writes. A pipe of our own: asyncio's waits for everybody who holds its other end."""

    def __enter__(self) -> "_Output":
        self._exit, self.entrance = os.pipe()
        self._is_open = True
        self._kept = bytearray()
        self._is_whole = True
        return self

    def __exit__(self, *error: object) -> None:
        self._close_entrance()
        # Once it is read, the transport closes it.
        if self._exit >= 0:
            os.close(self._exit)

    async def read(self) -> None:
        self._close_entrance()
        stream = asyncio.StreamReader()
        file = os.fdopen(self._exit, "rb", buffering=0)
        self._exit = -1
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), file)
        try:
            while chunk := await stream.read(_CHUNK_BYTES):
                self._kept += chunk
                self._is_whole = self._is_whole and len(self._kept) <= _LONGEST_OUTPUT_BYTES
                del self._kept[:-_LONGEST_OUTPUT_BYTES]
        finally:
            transport.close()

    def told(self) -> str:
        # A line that lost its beginning may have lost the word that says it is secret.
        whole = self._kept if self._is_whole else self._kept.partition(b"\n")[2]
        lines = [line for line in whole.decode(errors="replace").splitlines() if line.strip()]
        # Masked whole before it is cut: half a secret is no longer known as one.
        text = mask("\n".join(lines[-_LAST_LINES:]))
        return f": {text if len(text) <= _LONGEST_TOLD else '…' + text[-_LONGEST_TOLD:]}" if text else ""

    def _close_entrance(self) -> None:
        if self._is_open:
            self._is_open = False
            os.close(self.entrance)


def _kill_group(process: Process) -> None:
    """Ends the program and all that it started and left in its session's group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
