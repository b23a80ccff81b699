"""The check `network/container-ports-invalid`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.port_names import is_port_name
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    by_hand="which port the program listens on is for those who know it to say",
)
def container_ports_invalid(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Containers whose ports the API server refuses, or that claim the same port of their pod.

    Why: a name that is none, or the same name twice in a container, is refused with the whole object. Containers of a pod share one
    network: of two that listen on the same port the second cannot start.
    Fix: name ports with at most 15 lower-case letters, digits and dashes, each once; give each container ports of its own.
    Source: https://kubernetes.io/docs/concepts/services-networking/#the-kubernetes-network-model
    Not: the same number for TCP and for UDP; init containers, which are done when the others start.
    """
    claimed: dict[tuple[int, str], str] = {}
    for container, path, role in runnable.running_containers():
        names: set[str] = set()
        for index, port in enumerate(container.ports):
            field = f"{path}.ports[{index}]"
            if port.name and not is_port_name(port.name):
                yield Hit(
                    f"{role} {container.name} has a port named {port.name}, which is no port's name: the API server refuses it",
                    path=f"{field}.name",
                    item=f"{container.name}: {port.name}",
                    fix="write at most 15 lower-case letters, digits and single dashes, with a letter among them",
                )
            elif port.name and port.name in names:
                yield Hit(
                    f"{role} {container.name} has two ports named {port.name}: the API server refuses it",
                    path=f"{field}.name",
                    item=f"{container.name}: {port.name} twice",
                    fix="give each port a name of its own",
                )
            names.add(port.name)
            key = (port.container_port, port.protocol)
            other = claimed.setdefault(key, container.name)
            if other != container.name:
                claim = f"{port.container_port}/{port.protocol}"
                yield Hit(
                    f"{role} {container.name} claims port {claim}, which container {other} of the same pod has",
                    path=f"{field}.containerPort",
                    item=f"{container.name}: {claim}",
                    fix="give each container ports of its own",
                    severity=Severity.MEDIUM,
                )
