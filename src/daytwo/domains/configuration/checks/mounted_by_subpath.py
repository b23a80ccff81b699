"""The check `configuration/mounted-by-subpath`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.INFO,
    by_hand="a mount of the whole folder changes what the program finds there",
)
def mounted_by_subpath(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A file of a ConfigMap or Secret that is mounted with subPath.

    Why: it is copied when the container starts and never updated, so that a changed value or a rotated secret waits for the next rollout.
    Fix: mount the volume as a folder, or restart the workload when it changes.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#configmap
    Not: contested: whoever rolls out on every change (a checksum annotation, a name with a hash) loses nothing; so the default
    profile leaves
    it out.
    """
    volumes = {volume.name for volume in runnable.pod_spec.volumes if volume.config_map or volume.secret or volume.projected}
    for container, path, role in runnable.running_containers():
        mounts = [mount for mount in container.volume_mounts if mount.sub_path and mount.name in volumes]
        if mounts:
            shown = ", ".join(mount.mount_path for mount in mounts[:3])
            yield Hit(
                f"{role} {container.name} mounts {shown} with subPath: it is never updated",
                path=f"{path}.volumeMounts",
                item=container.name,
                fix="mount the volume as a folder",
            )
