"""The check `pod-security/node-path-behind-claim`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.host_paths import gives_away, is_runtime_socket
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolume


@check(PersistentVolume, heading=Heading.SECURITY, severity=Severity.LOW, by_hand="the data has to be moved")
def node_path_behind_claim(volume: PersistentVolume, snapshot: Snapshot) -> Iterator[Hit]:
    """A persistent volume that is a directory of a node.

    Why: a pod reaches the node's files through its claim, which no Pod Security Standard forbids: they judge pods, and a pod names only
    its claim.
    Fix: use a storage class; for a disk of a node, a `local` volume on a directory of its own with its node affinity.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
    Not: hostPath with a node affinity and local volumes, on directories that are theirs: provisioners for local disks make such.
    """
    for field, source in (("hostPath", volume.spec.host_path), ("local", volume.spec.local)):
        if source is None:
            continue
        what = "its node's container runtime" if is_runtime_socket(source.path) else gives_away(source.path)
        is_anywhere = field == "hostPath" and volume.spec.node_affinity is None
        if not what and not is_anywhere:
            continue
        why = f", {what}" if what else ", another one on each node: it has no node affinity"
        yield Hit(
            f"whoever claims it gets {source.path} of the node{why}",
            path=f"spec.{field}.path",
            item=field,
            fix="use a directory that is for nothing else, with the affinity of its node",
            severity=Severity.HIGH if what else None,
        )
