"""The check `pod-security/runtime-socket-mounted`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.host_paths import is_runtime_socket, mounts_of
from daytwo.domains.pod_security.pods import listed
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.HIGH, by_hand="what talks to the runtime has to be replaced")
def runtime_socket_mounted(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that can talk to its node's container runtime.

    Why: through the runtime's socket it starts privileged containers on the node, which no admission and no RBAC sees; mounting it
    read-only does not help, as a socket is connected to and not written.
    Fix: build images with a tool that needs no runtime, and ask the kubelet or the API server for what is to be watched.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
    Not: a volume that no container mounts.
    """
    for volume in subject.pod_spec.volumes:
        if volume.host_path is None or not is_runtime_socket(volume.host_path.path):
            continue
        if names := sorted({placed.container.name for placed, _ in mounts_of(subject, volume.name)}):
            yield Hit(
                f"{listed(names)} can start any container on the node through {volume.host_path.path}",
                path=f"{subject.pod_path}.volumes[{volume.name}].hostPath.path",
                item=volume.name,
                fix="remove the volume and what needs it",
            )
