"""The check `readiness/memory-volume-unlimited`."""

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
    severity=Severity.MEDIUM,
    by_hand="how much it may hold only the program's owner knows",
)
def memory_volume_unlimited(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An emptyDir in memory that nothing limits.

    Why: what is written there is memory of the node; without a limit it grows until the node runs out, and others are killed.
    Fix: set emptyDir.sizeLimit, and count it into the memory limits.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#emptydir-memory-configuration
    Not: pods of which each container that runs on has a memory limit (its own, its pod's, or by a LimitRange): they bound it.
    """
    for volume in runnable.pod_spec.volumes:
        if volume.empty_dir is None or volume.empty_dir.medium != "Memory" or volume.empty_dir.size_limit not in (None, 0, "0"):
            continue
        loose = [
            one.container.name for one in runnable.running_containers() if not names_limit(one.container, runnable, "memory", snapshot)
        ]
        if loose:
            yield Hit(
                f"volume {volume.name} may fill the node's memory: it has no sizeLimit, and container {loose[0]} no memory limit",
                path=f"{runnable.pod_path}.volumes[{volume.name}].emptyDir.sizeLimit",
                item=volume.name,
            )
