"""Where a worker may die: before and after each commit, before, during and after each request that changes something."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, event

from daytwo.ledger.database import Ledger
from daytwo.model.remembered import Head
from daytwo.model.request import Request, Response
from daytwo.writers.kubernetes import KubernetesWriter

_ON_THE_WAY_SECONDS: Final = 0.002

Reach = Callable[[str], None]


def ignore(point: str) -> None:
    """Nobody dies here."""


class DieOnce:
    """Dies at each point that nobody has died at before; the points are kept in a file, so that the next process goes on from there."""

    def __init__(self, died_at: Path) -> None:
        self._path = died_at
        self._points = set(died_at.read_text().splitlines()) if died_at.exists() else set()
        self._lock = threading.Lock()

    def __call__(self, point: str) -> None:
        with self._lock:
            if point in self._points:
                return
            with self._path.open("a") as file:
                file.write(f"{point}\n")
            os.kill(os.getpid(), signal.SIGKILL)


class DieAfter:
    """Dies at the point after so many others."""

    def __init__(self, points: int) -> None:
        self._left = points
        self._lock = threading.Lock()

    def __call__(self, point: str) -> None:
        with self._lock:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


def watch_commits(ledger: Ledger, reach: Reach) -> None:
    """Each transaction is named by what it tells; the renewal of leases tells nothing."""
    told = threading.local()
    store = ledger._store
    after_commit = store.after_commit

    def before_statement(
        connection: Connection, cursor: object, statement: str, parameters: object, context: object, is_many: bool
    ) -> None:
        if statement.startswith("INSERT INTO event"):
            rows: list[object] = parameters if isinstance(parameters, list) else [parameters]
            told.kinds = "+".join(dict.fromkeys(map(_kind, rows)))

    def before_commit(connection: Connection) -> None:
        reach(f"before commit of {getattr(told, 'kinds', '') or 'renewal'}")

    def committed(head: Head | None) -> None:
        kinds = getattr(told, "kinds", "") or "renewal"
        told.kinds = ""
        reach(f"after commit of {kinds}")
        after_commit(head)

    event.listen(store.writer, "before_cursor_execute", before_statement)
    event.listen(store.writer, "commit", before_commit)
    store.after_commit = committed  # type: ignore[method-assign]


def _kind(row: object) -> str:
    """Of an event's row: PostgreSQL has its parameters by name, SQLite in the order of the columns."""
    if isinstance(row, dict):
        return str(row["kind"])
    assert isinstance(row, tuple)
    return str(row[4])


class WatchedWriter:
    """The real writer, with the points around what it sends."""

    def __init__(self, writer: KubernetesWriter, reach: Reach) -> None:
        self._writer = writer
        self._reach = reach

    async def send(self, request: Request) -> Response:
        what = f"{request.method} {request.path.rpartition('/')[2] if request.path.endswith(('/scale', '/eviction')) else 'object'}"
        self._reach(f"before sending {what}")
        sending = asyncio.ensure_future(self._writer.send(request))
        await asyncio.wait([sending], timeout=_ON_THE_WAY_SECONDS)
        self._reach(f"while sending {what}")
        response = await sending
        self._reach(f"after sending {what}: {response.status}")
        return response

    async def rehearse(self, request: Request) -> Response:
        return await self._writer.rehearse(request)
