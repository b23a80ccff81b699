"""The check `readiness/blocks-scale-down`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.readiness.subjects import runs_for_good
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet

_EVICTABLE: Final = "cluster-autoscaler.kubernetes.io/safe-to-evict"
_VOLUMES: Final = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.INFO,
    applies=lambda runnable: runs_for_good(runnable) and not isinstance(runnable, DaemonSet),
    by_hand="whether what it keeps on the node may be lost only its owner knows",
)
def blocks_scale_down(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod that keeps the cluster autoscaler from removing its node.

    Why: a node with one such pod stays and is paid for, however empty it is.
    Fix: annotate the template with cluster-autoscaler.kubernetes.io/safe-to-evict "true" if what is on the node may be lost.
    Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
    Not: DaemonSets and Jobs, volumes in memory, volumes that safe-to-evict-local-volumes names; clusters without the autoscaler,
    which no manifest tells.
    """
    annotations = runnable.pod_annotations
    path = join(f"{runnable.template_path}metadata.annotations", _EVICTABLE)
    if annotations.get(_EVICTABLE) == "false":
        yield Hit("its pods are marked as not safe to evict: their nodes are never removed", path, item="annotation", severity=Severity.LOW)
    elif annotations.get(_EVICTABLE) != "true":
        # As the autoscaler reads it: a space after the comma is part of the name.
        spared = set(annotations.get(_VOLUMES, "").split(","))
        local = [
            volume.name
            for volume in runnable.pod_spec.volumes
            if volume.name not in spared
            and (volume.host_path is not None or (volume.empty_dir is not None and volume.empty_dir.medium != "Memory"))
        ]
        if local:
            more = f" and {len(local) - 1} more" if len(local) > 1 else ""
            yield Hit(f"volume {local[0]}{more} on the node's disk keeps the autoscaler from removing its node", path, item="volumes")
