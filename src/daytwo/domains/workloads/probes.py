"""What a failed probe says, in words that are the same for every pod that fails it in the same way."""

import re
from typing import Final

from daytwo.domains.workloads.pods import container_of
from daytwo.model.event import Event
from daytwo.model.pod import Pod
from daytwo.model.pod_spec import Probe
from daytwo.model.snapshot import Snapshot

LIVENESS: Final = "Liveness"
READINESS: Final = "Readiness"
STARTUP: Final = "Startup"

# "Readiness probe failed: HTTP probe failed with statuscode: 503"; "Liveness probe errored: …".
_FAILED = re.compile(r"\b(Liveness|Readiness|Startup) probe (?:failed|errored)\b[^:]*:?\s*(.*)", re.DOTALL)
_STATUS_CODE = re.compile(r"status ?code:? (\d{3})")
_SERVING = re.compile(r'responded with "?([A-Z_]+)"?')
_CONTAINER = re.compile(r"\{([^{}]+)\}$")
_READINGS: Final = (
    (re.compile(r"connection refused"), "connection refused"),
    (re.compile(r"no such host|name resolution|server misbehaving"), "its host name is not found"),
    (re.compile(r"deadline exceeded|timeout|timed out|took longer than", re.IGNORECASE), "no answer in time"),
    (re.compile(r"connection reset|\bEOF\b"), "the connection breaks off"),
    (re.compile(r"no route to host|network is unreachable"), "its port cannot be reached"),
    (re.compile(r"x509|tls:"), "TLS fails"),
    (re.compile(r"executable file not found|no such file or directory"), "its command is not in the image"),
)


def failed_probe(pod: Pod, kind: str, container: str, snapshot: Snapshot) -> Event | None:
    """The newest event that tells of a failed probe of one container."""
    for event in snapshot.events_of(pod):
        if event.reason != "Unhealthy":
            continue
        found = _FAILED.search(event.message)
        if found is None or found.group(1) != kind:
            continue
        place = _CONTAINER.search(event.involved_object.field_path)
        if place is None or place.group(1) == container:
            return event
    return None


def reading(event: Event | None, kind: str) -> str:
    """`readiness probe fails: HTTP 503`, without addresses, counts or times; short where no event is left."""
    name = f"{kind.lower()} probe fails"
    found = _FAILED.search(event.message) if event is not None else None
    if found is None:
        return name
    output = found.group(2)
    code = _STATUS_CODE.search(output)
    if code is not None:
        return f"{name}: HTTP {code.group(1)}"
    serving = _SERVING.search(output)
    if serving is not None:
        return f"{name}: {serving.group(1)}"
    return next((f"{name}: {words}" for pattern, words in _READINGS if pattern.search(output)), name)


def describe(pod: Pod, kind: str, container: str) -> str:
    """`readiness probe: GET /ready on port 8080`; empty when the container has no such probe."""
    asked = container_of(pod, container)
    if asked is None:
        return ""
    probe = {LIVENESS: asked.liveness_probe, READINESS: asked.readiness_probe, STARTUP: asked.startup_probe}[kind]
    if probe is None:
        return ""
    return f"{kind.lower()} probe of container {container}: {_what(probe)}"


def _what(probe: Probe) -> str:
    timing = f"every {probe.period_seconds} s, {probe.failure_threshold} failures count, timeout {probe.timeout_seconds} s"
    if probe.http_get is not None:
        return f"GET {probe.http_get.path or '/'} on port {probe.http_get.port}, {timing}"
    if probe.tcp_socket is not None:
        return f"TCP port {probe.tcp_socket.port}, {timing}"
    if probe.exec is not None:
        return f"runs {' '.join(probe.exec.command)}, {timing}"
    return timing
