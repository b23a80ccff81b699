"""A proxy in front of the API server that does what networks, load balancers and tired API servers do. Real sockets, real TLS.

with Proxy(control_plane) as proxy:
    proxy.fault("/api/v1/pods", Answer(503, b"service unavailable"), times=2)
    … daytwo with proxy.kubeconfig("viewer") …
    assert proxy.requests_to("/api/v1/pods") …
"""

import contextlib
import http.client
import json
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import yaml

from tests.servers.certificates import Authority
from tests.servers.control_plane import ADMIN, ControlPlane
from tests.servers.polling import until

JSON: Final = "application/json"


@dataclass(frozen=True)
class Request:
    """One request as it came in; names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at_seconds: float
    """When, by a clock that only goes forward."""


@dataclass(frozen=True)
class Upstream:
    """What the API server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """Answers in place of the API server."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """Answers what this makes of the API server's answer (its JSON)."""

    change: Callable[[Any], Any]


@dataclass(frozen=True)
class Hang:
    """Takes the request and never answers."""


@dataclass(frozen=True)
class Reset:
    """Resets the connection, before the answer or after `after_bytes` of it."""

    after_bytes: int | None = None


@dataclass(frozen=True)
class EndEarly:
    """Ends the connection in good order after this share of the body, which its length had promised whole."""

    ratio: float = 0.5
    is_length_told: bool = True


class Hold:
    """Keeps one whole request until it is released, and then delivers it, whether or not anybody still waits for the answer."""

    def __init__(self) -> None:
        self.is_taken = threading.Event()
        self.is_delivered = threading.Event()
        self.answer: Upstream | None = None
        self._is_released = threading.Event()

    def release(self) -> Upstream:
        """Delivers what is held, and says what the API server answered."""
        self._is_released.set()
        until(self.is_delivered.is_set, "the held request to be delivered")
        assert self.answer is not None
        return self.answer

    def wait(self) -> None:
        self.is_taken.set()
        self._is_released.wait()

    def delivered(self, answer: Upstream) -> None:
        self.answer = answer
        self.is_delivered.set()

    def give_up(self) -> None:
        """Lets the thread that holds it go."""
        self._is_released.set()


Fault = Answer | Change | Hang | Reset | EndEarly | Hold
Matches = Callable[[Request], bool]


def status(code: int, reason: str, message: str = "", retry_after_seconds: int | None = None) -> Answer:
    """A Status as the API server writes it."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code}
    headers = {} if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
    return Answer(code, json.dumps(body).encode(), headers=headers)


@dataclass
class _Rule:
    matches: Matches
    fault: Fault
    times: int | None


class Proxy:
    """Forwards to the API server of a control plane, but for the faults. Use it as a context manager."""

    def __init__(self, control_plane: ControlPlane, authority: Authority | None = None) -> None:
        self.control_plane = control_plane
        self.requests: list[Request] = []
        self.date: datetime | None = None
        """What the API server's clock shall say."""
        self.most_at_once = 0
        self._is_discovery_plain = False
        self._at_once = 0
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._folder = tempfile.TemporaryDirectory(prefix="daytwo-proxy-")
        self._authority = authority or Authority.create("proxy authority")
        self._upstream_tls = ssl.create_default_context(cafile=str(control_plane.ca_file))

    def __enter__(self) -> "Proxy":
        folder = Path(self._folder.name)
        pair = self._authority.issue("proxy", ["127.0.0.1"])
        (folder / "ca.crt").write_bytes(self._authority.pair.certificate)
        (folder / "server.pem").write_bytes(pair.key + pair.certificate)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / "server.pem")
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._server.tls = tls
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        for rule in self._rules:
            if isinstance(rule.fault, Hold):
                rule.fault.give_up()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._server.server_address[1]}"

    @property
    def ca_file(self) -> Path:
        return Path(self._folder.name) / "ca.crt"

    def kubeconfig(self, user: str = ADMIN, token: str = "", namespace: str = "", **user_fields: object) -> Path:
        """A kubeconfig that leads through the proxy; its only context is named after the user."""
        context = {"cluster": "proxy", "user": user, **({"namespace": namespace} if namespace else {})}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": user,
            "clusters": [{"name": "proxy", "cluster": {"server": self.url, "certificate-authority": "ca.crt"}}],
            "users": [{"name": user, "user": user_fields or {"token": token or self.control_plane.token(user)}}],
            "contexts": [{"name": user, "context": context}],
        }
        path = Path(self._folder.name) / f"kubeconfig-{user}"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return path

    def fault(self, where: str | Matches, fault: Fault, times: int | None = None) -> None:
        """Puts a fault on a path (exactly that path) or on whatever matches, for ever or for some requests. The newest rule wins."""
        matches = where if callable(where) else lambda request: request.path == where
        with self._lock:
            self._rules.insert(0, _Rule(matches, fault, times))

    def plain_discovery(self) -> None:
        """Makes the API server as old as one before 1.26, which knows no aggregated discovery."""
        self._is_discovery_plain = True

    def requests_to(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1

    def _fault_for(self, request: Request) -> Fault | None:
        with self._lock:
            self.requests.append(request)
            for rule in self._rules:
                if (rule.times is None or rule.times > 0) and rule.matches(request):
                    if rule.times is not None:
                        rule.times -= 1
                    return rule.fault
        return None

    def _forward(self, request: Request, target: str) -> Upstream:
        host = urlsplit(self.control_plane.url).netloc
        connection = http.client.HTTPSConnection(host, context=self._upstream_tls, timeout=60)
        try:
            headers = {name: value for name, value in request.headers.items() if name not in ("host", "accept-encoding")}
            if self._is_discovery_plain and "apidiscovery" in headers.get("accept", ""):
                headers["accept"] = JSON
            connection.request(request.method, target, request.body or None, headers)
            response = connection.getresponse()
            kept = {name: value for name, value in response.getheaders() if name.lower() in ("content-type", "retry-after", "date")}
            if self.date is not None:
                kept["Date"] = format_datetime(self.date, usegmt=True)
            return Upstream(response.status, kept, response.read())
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Closing does not wait for requests that hang on purpose.
    block_on_close = False
    request_queue_size = 64
    proxy: Proxy
    tls: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake happens in the request's own thread, so that a client that refuses us holds up nobody."""
        try:
            wrapped = self.tls.wrap_socket(request, server_side=True)
        except (ssl.SSLError, OSError):
            return
        try:
            _Handler(wrapped, client_address, self)
        except (OSError, ValueError):
            pass
        finally:
            _close(wrapped)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that give up are what this is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests read `requests` instead."""

    def _serve(self) -> None:
        with self.server.proxy._counted():
            self._answer()

    def _answer(self) -> None:
        proxy = self.server.proxy
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, parts.path, query, {name.lower(): value for name, value in self.headers.items()}, body, monotonic())
        fault = proxy._fault_for(request)
        if isinstance(fault, Hang):
            proxy._ended.wait()
            self.close_connection = True
            return
        if isinstance(fault, Reset) and fault.after_bytes is None:
            self._reset()
            return
        if isinstance(fault, Answer):
            self._send(fault.status, {"Content-Type": fault.content_type, **fault.headers}, fault.body)
            return
        if isinstance(fault, Hold):
            fault.wait()
            if proxy._ended.is_set():
                return
        found = proxy._forward(request, self.path)
        if isinstance(fault, Hold):
            fault.delivered(found)
        if isinstance(fault, Change):
            changed = fault.change(json.loads(found.body))
            self._send(found.status, found.headers, json.dumps(changed).encode())
        elif isinstance(fault, EndEarly):
            cut = found.body[: int(len(found.body) * fault.ratio)]
            self._send(found.status, found.headers, cut, promised=len(found.body) if fault.is_length_told else None, is_last=True)
        elif isinstance(fault, Reset):
            self._send(found.status, found.headers, found.body[: fault.after_bytes], promised=len(found.body))
            self._reset()
        else:
            self._send(found.status, found.headers, found.body, promised=len(found.body))

    def _send(self, code: int, headers: Mapping[str, str], body: bytes, promised: int | None = -1, is_last: bool = False) -> None:
        """`promised` is the length to tell; None tells none, and the end of the connection ends the body."""
        self.send_response_only(code)
        for name, value in headers.items():
            self.send_header(name, value)
        if promised is not None:
            self.send_header("Content-Length", str(len(body) if promised < 0 else promised))
        if is_last:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        self.close_connection = self.close_connection or is_last

    def _reset(self) -> None:
        """RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


def _close(wrapped: ssl.SSLSocket) -> None:
    with contextlib.suppress(OSError):
        wrapped.shutdown(socket.SHUT_RDWR)
    wrapped.close()


def named(value: object) -> str:
    """What a test calls a fault among its parameters; other parameters need no name."""
    if isinstance(value, Answer):
        return f"answer-{value.status}"
    return type(value).__name__.lower() if isinstance(value, Change | Hang | Reset | EndEarly) else "-"
