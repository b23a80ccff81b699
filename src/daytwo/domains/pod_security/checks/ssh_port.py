"""The check `pod-security/ssh-port`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.pods import called
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    by_hand="the image has to be built without it; a server that is for SSH, such as one for Git, is exempted by name",
)
def ssh_port(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that listens on the port of SSH.

    Why: a shell that people log in to has keys that nobody rotates and leaves no trace in the API server's audit log; `kubectl exec` and
    `kubectl debug` do.
    Fix: remove the SSH server from the image.
    Source: https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/
    """
    for container, path, role in subject.running_containers():
        for number, port in enumerate(container.ports):
            if port.container_port == 22 and port.protocol == "TCP":
                yield Hit(
                    f"{called(role, container)} listens on port 22, SSH's",
                    path=f"{path}.ports[{port.name or number}].containerPort",
                    item=container.name,
                    fix="remove the SSH server",
                )
