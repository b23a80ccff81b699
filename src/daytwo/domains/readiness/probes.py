"""What a container's probes and hooks ask for, where, and for how long they wait."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from daytwo.model.masked import MASK
from daytwo.model.pod_spec import Container, Handler, Probe
from daytwo.model.runnable import Placed

LIVENESS: Final = "liveness"
READINESS: Final = "readiness"
STARTUP: Final = "startup"


class Asked(NamedTuple):
    """One probe of a container, with the path to it."""

    kind: str
    probe: Probe
    path: str


class Port(NamedTuple):
    """A port as a probe or a hook names it, with the path to that field."""

    what: str
    port: int | str
    path: str


def probes_of(placed: Placed) -> Iterator[Asked]:
    container = placed.container
    for kind, probe in ((STARTUP, container.startup_probe), (LIVENESS, container.liveness_probe), (READINESS, container.readiness_probe)):
        if probe is not None:
            yield Asked(kind, probe, f"{placed.path}.{kind}Probe")


def ports_asked(placed: Placed) -> Iterator[Port]:
    """Every port that the probes and hooks of a container name."""
    for kind, probe, path in probes_of(placed):
        if probe.http_get is not None:
            yield Port(f"{kind} probe", probe.http_get.port, f"{path}.httpGet.port")
        if probe.tcp_socket is not None:
            yield Port(f"{kind} probe", probe.tcp_socket.port, f"{path}.tcpSocket.port")
        if probe.grpc is not None:
            yield Port(f"{kind} probe", probe.grpc.port, f"{path}.grpc.port")
    for hook, handler, path in hooks_of(placed):
        if handler.http_get is not None:
            yield Port(f"{hook} hook", handler.http_get.port, f"{path}.httpGet.port")
        if handler.tcp_socket is not None:
            yield Port(f"{hook} hook", handler.tcp_socket.port, f"{path}.tcpSocket.port")


def hooks_of(placed: Placed) -> Iterator[tuple[str, Handler, str]]:
    """The hooks of a container by name, each with its path."""
    lifecycle = placed.container.lifecycle
    if lifecycle is None:
        return
    for hook, handler in (("postStart", lifecycle.post_start), ("preStop", lifecycle.pre_stop)):
        if handler is not None:
            yield hook, handler, f"{placed.path}.lifecycle.{hook}"


def number_of(port: int | str, container: Container) -> int | None:
    """The port that the kubelet asks: a name is looked up in this container alone, and may be a number in quotes; None for an unknown name.

    Source: ResolveContainerPort in https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/probe/util.go
    """
    if isinstance(port, int):
        return port
    for declared in container.ports:
        if declared.name == port:
            return declared.container_port
    return int(port) if port.isdecimal() else None


def target_of(probe: Probe, container: Container) -> tuple[object, ...] | None:
    """What a probe asks, alike for two that ask the same; None where that cannot be told.

    A named port and its number are the same; two ports with different names are not, whatever their names read as numbers.
    """
    if probe.http_get is not None:
        number = number_of(probe.http_get.port, container)
        get = probe.http_get
        # Of two paths or commands that were masked nobody can say whether they are the same.
        return None if number is None or MASK in get.path else ("http", get.host, number, get.path or "/", get.scheme or "HTTP")
    if probe.tcp_socket is not None:
        number = number_of(probe.tcp_socket.port, container)
        return None if number is None else ("tcp", probe.tcp_socket.host, number)
    if probe.grpc is not None:
        return ("grpc", probe.grpc.port, probe.grpc.service)
    if probe.exec is not None:
        return None if any(MASK in word for word in probe.exec.command) else ("exec", *probe.exec.command)
    return None


def window_seconds(probe: Probe) -> int:
    """For how long a probe that is under way must fail before it counts."""
    return probe.period_seconds * probe.failure_threshold


def start_allowance_seconds(placed: Placed) -> int:
    """The longest start that a container's own probes put up with, as far as they say."""
    container, allowed = placed.container, 0
    if container.startup_probe is not None:
        allowed = container.startup_probe.initial_delay_seconds + window_seconds(container.startup_probe)
    if container.readiness_probe is not None:
        allowed = max(allowed, container.readiness_probe.initial_delay_seconds)
    return allowed
