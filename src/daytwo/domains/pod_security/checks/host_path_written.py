"""The check `pod-security/host-path-written`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.host_paths import gives_away, is_runtime_socket, mounts_of
from daytwo.domains.pod_security.pods import listed
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.MEDIUM, by_hand="whether it writes there, no manifest tells")
def host_path_written(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that writes to a directory of its node.

    Why: what it writes stays there for whoever comes next and does not follow it to another node, it may fill the node's disk, and in
    places such as /var/log a symbolic link is a way out of the container.
    Fix: use a claim, an emptyDir or a `local` volume; or mount it read-only.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
    Not: what `sensitive-host-path-mounted` and `runtime-socket-mounted` tell of.
    """
    for volume in subject.pod_spec.volumes:
        if volume.host_path is None:
            continue
        path = volume.host_path.path
        if is_runtime_socket(path) or gives_away(path):
            continue
        if names := sorted({placed.container.name for placed, mount in mounts_of(subject, volume.name) if not mount.read_only}):
            yield Hit(
                f"{listed(names)} can write to {path} of the node",
                path=f"{subject.pod_path}.volumes[{volume.name}].hostPath",
                item=volume.name,
                fix="mount it read-only, or use a claim in its place",
            )
