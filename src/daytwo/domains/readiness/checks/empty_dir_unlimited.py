"""The check `readiness/empty-dir-unlimited`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.allotment import names_limit
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.LOW,
    by_hand="how much it may hold only the program's owner knows",
)
def empty_dir_unlimited(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An emptyDir on the node's disk that nothing limits.

    Why: it shares the disk with every other pod of the node; when that runs full, the kubelet evicts pods until there is room.
    Fix: set emptyDir.sizeLimit: then only the pod that fills it is evicted.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
    Not: volumes of pods whose containers have limits of ephemeral storage, which count what is in them; volumes that are mounted
    read-only everywhere, or nowhere; and those in memory, which readiness/memory-volume-unlimited tells.
    """
    placed_containers = list(runnable.all_containers())
    written = {mount.name for placed in placed_containers for mount in placed.container.volume_mounts if not mount.read_only}
    for volume in runnable.pod_spec.volumes:
        folder = volume.empty_dir
        if folder is None or folder.medium == "Memory" or folder.size_limit not in (None, 0, "0") or volume.name not in written:
            continue
        running = [placed for placed in placed_containers if placed.runs_on]
        if all(names_limit(placed.container, runnable, "ephemeral-storage", snapshot) for placed in running):
            continue
        yield Hit(
            f"volume {volume.name} may fill the node's disk: it has no sizeLimit",
            path=f"{runnable.pod_path}.volumes[{volume.name}].emptyDir.sizeLimit",
            item=volume.name,
        )
