"""The check `pod-security/root-filesystem-writable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.pods import called, is_windows
from daytwo.model.finding import Hit
from daytwo.model.runnable import Role, Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable, heading=Heading.SECURITY, severity=Severity.LOW, by_hand="where the program writes, no manifest tells: it would fail there"
)
def root_filesystem_writable(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that can write to its own root filesystem.

    Why: whoever breaks in can put programs beside the image's own and change those; and what a program writes there is lost with the
    container and fills its node's disk.
    Fix: set `readOnlyRootFilesystem: true`, and mount an emptyDir where the program has to write.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    Not: Windows, which has no such setting, and ephemeral containers.
    """
    if is_windows(subject.pod_spec):
        return
    for container, path, role in subject.all_containers():
        if role is not Role.EPHEMERAL and not container.security_context.read_only_root_filesystem:
            yield Hit(
                f"{called(role, container)} can write to its root filesystem",
                path=f"{path}.securityContext.readOnlyRootFilesystem",
                item=container.name,
                fix="set readOnlyRootFilesystem to true, and mount an emptyDir where it writes",
            )
