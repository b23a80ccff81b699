"""Every state that objects were in, in order, by a watch each: what was stored twice shows, whatever was answered."""

import json
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from http.client import HTTPException, HTTPSConnection
from ssl import create_default_context
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

from tests.servers.client import Object
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until

_SILENCE_SECONDS: Final = 10.0


class History:
    """Watches paths such as `/apis/apps/v1/deployments` while it is open."""

    def __init__(self, plane: ControlPlane, paths: Iterable[str]) -> None:
        self._plane = plane
        self._tls = create_default_context(cafile=str(plane.ca_file))
        self._states: dict[tuple[str, str, str], list[Object]] = {}
        self._connections: set[HTTPSConnection] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._watch, args=(path,), daemon=True) for path in paths]

    def __enter__(self) -> "History":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def of(self, kind: str, name: str, namespace: str = "") -> list[Object]:
        """All states of what bore this name, the newest as it is now."""
        now = self._plane.client().find(kind, name, namespace)
        key = (kind.partition(".")[0], namespace, name)
        if now is not None:
            version = now["metadata"]["resourceVersion"]
            until(
                lambda: any(state["metadata"]["resourceVersion"] == version for state in self._seen(key)), f"the watch to see {kind} {name}"
            )
        return self._seen(key)

    def _seen(self, key: tuple[str, str, str]) -> list[Object]:
        with self._lock:
            return list(self._states.get(key, ()))

    def _watch(self, path: str) -> None:
        """One watch after the other, each from where the last one ended: nothing is missed between them."""
        listed = self._plane.client().request("GET", path)
        kind = str(listed["kind"]).removesuffix("List")
        version = str(listed["metadata"]["resourceVersion"])
        for item in listed["items"] or ():
            self._keep(kind, item)
        while not self._ended.is_set():
            version = self._follow(path, kind, version)

    def _follow(self, path: str, kind: str, version: str) -> str:
        connection = HTTPSConnection(urlsplit(self._plane.url).netloc, context=self._tls, timeout=_SILENCE_SECONDS)
        with self._lock:
            self._connections.add(connection)
        try:
            headers = {"Authorization": f"Bearer {self._plane.token()}"}
            connection.request("GET", f"{path}?watch=true&allowWatchBookmarks=true&resourceVersion={version}", headers=headers)
            response = connection.getresponse()
            while not self._ended.is_set():
                line = response.readline()
                if not line.endswith(b"\n"):
                    break
                event = json.loads(line)
                assert event["type"] != "ERROR", event
                version = event["object"]["metadata"]["resourceVersion"]
                if event["type"] != "BOOKMARK":
                    self._keep(kind, event["object"])
        except (OSError, HTTPException):
            pass  # silence, or an API server that is away for a moment
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()
        return version

    def _keep(self, kind: str, state: Object) -> None:
        metadata = state["metadata"]
        with self._lock:
            self._states.setdefault((kind, metadata.get("namespace", ""), metadata["name"]), []).append(state)
