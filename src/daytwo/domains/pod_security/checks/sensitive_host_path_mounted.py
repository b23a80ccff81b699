"""The check `pod-security/sensitive-host-path-mounted`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.host_paths import gives_away, holds_secrets, is_runtime_socket, mounts_of
from daytwo.domains.pod_security.pods import listed
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.HIGH, by_hand="what an agent of the node needs of it is a decision")
def sensitive_host_path_mounted(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that mounts a part of the node which makes or breaks it.

    Why: what is written there runs as root on the node, and what is read there are its credentials and those of its pods.
    Fix: mount the one file that is needed, read-only; agents of the node are exempted by name.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
    Not: a volume that no container mounts; what everybody may read, such as the time zone and public certificates; read-only mounts of
    what holds no secrets count for little.
    """
    for volume in subject.pod_spec.volumes:
        if volume.host_path is None or is_runtime_socket(volume.host_path.path):
            continue
        what = gives_away(volume.host_path.path)
        mounts = list(mounts_of(subject, volume.name)) if what else []
        if not mounts:
            continue
        is_written = not all(mount.read_only for _, mount in mounts)
        names = sorted({placed.container.name for placed, mount in mounts if not (is_written and mount.read_only)})
        yield Hit(
            f"{listed(names)} can {'change' if is_written else 'read'} {volume.host_path.path} of the node, {what}",
            path=f"{subject.pod_path}.volumes[{volume.name}].hostPath.path",
            item=volume.name,
            fix="mount only what is needed, and read-only" if is_written else "mount only what is needed",
            severity=None if is_written or holds_secrets(volume.host_path.path) else Severity.LOW,
        )
