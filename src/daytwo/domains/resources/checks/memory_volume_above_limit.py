"""The check `resources/memory-volume-above-limit`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import named
from daytwo.domains.resources.heap import memory_limit
from daytwo.model.finding import Hit
from daytwo.model.quantity import binary_bytes, quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.MEDIUM,
    by_hand="whether the volume or the limit should change is only known by who runs it",
)
def memory_volume_above_limit(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A volume in memory that may grow as large as the memory limit of a container that writes to it.

    Why: what is written there counts as the container's memory: long before the volume is full the container is killed, and the
    files stay, so it is killed again.
    Fix: lower the volume's sizeLimit, or raise the container's memory limit by it.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
    Not: volumes without a sizeLimit, which has a page of its own; mounts that are read-only; containers without a limit.
    """
    volumes = {
        volume.name: volume.empty_dir.size_limit
        for volume in workload.pod_spec.volumes
        if volume.empty_dir is not None and volume.empty_dir.medium == "Memory" and volume.empty_dir.size_limit is not None
    }
    if not volumes:
        return
    for placed in workload.running_containers():
        limit = memory_limit(placed.container, workload, snapshot)
        if limit is None:
            continue
        for mount in placed.container.volume_mounts:
            size = volumes.get(mount.name)
            if size is not None and not mount.read_only and quantity_or_zero(size) >= limit:
                yield Hit(
                    f"volume {mount.name} may hold {size} in memory, and {named(placed)}, which writes to it, may use "
                    f"{binary_bytes(limit)}",
                    path=f"{workload.pod_path}.volumes[{mount.name}].emptyDir.sizeLimit",
                    item=f"{placed.container.name}/{mount.name}",
                )
