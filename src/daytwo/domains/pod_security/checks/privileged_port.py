"""The check `pod-security/privileged-port`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.pod_security.pods import called
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

SSH: Final = 22


@check(Runnable, heading=Heading.SECURITY, severity=Severity.INFO, by_hand="the program has to be told its new port")
def privileged_port(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that listens on a port below 1024.

    Why: where the runtime does not open low ports to everybody, the program has to start as root or with NET_BIND_SERVICE for it, and a
    Service can give it any port to the outside.
    Fix: listen on a port of 1024 or more, and keep the Service's port.
    Source: https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
    Not: port 22, of which `ssh-port` tells.
    """
    for container, path, role in subject.running_containers():
        for number, port in enumerate(container.ports):
            if 0 < port.container_port < 1024 and not (port.container_port == SSH and port.protocol == "TCP"):
                yield Hit(
                    f"{called(role, container)} listens on port {port.container_port}",
                    path=f"{path}.ports[{port.name or number}].containerPort",
                    item=f"{container.name}/{port.protocol}/{port.container_port}",
                    fix="listen on a port of 1024 or more",
                )
