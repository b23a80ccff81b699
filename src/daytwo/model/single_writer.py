"""Volumes that one node or one pod at a time may write."""

from collections.abc import Iterator
from typing import Final

from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolumeClaim
from daytwo.model.workload import StatefulSet

ONE_POD: Final = "ReadWriteOncePod"
ONE_WRITER: Final = frozenset({"ReadWriteOnce", ONE_POD})


def shared_claims(runnable: Runnable, snapshot: Snapshot) -> Iterator[tuple[str, PersistentVolumeClaim]]:
    """The claims that all pods of a template name and one node or pod at a time may write, with the volume's name in the template.

    Raises Unseen where a claim may exist that nobody looked at.
    """
    for volume in runnable.pod_spec.volumes:
        if volume.persistent_volume_claim is None:
            continue
        claim = snapshot.get(PersistentVolumeClaim, runnable.namespace, volume.persistent_volume_claim.claim_name)
        if claim is not None and is_single_writer(claim.spec.access_modes):
            yield volume.name, claim


def names_claims(runnable: Runnable) -> bool:
    """Whether its template names any claim."""
    return any(volume.persistent_volume_claim is not None for volume in runnable.pod_spec.volumes)


def has_single_writer(runnable: Runnable, snapshot: Snapshot) -> bool:
    """Whether any of its volumes is of that sort, those of a StatefulSet's claim templates included. Raises Unseen as above."""
    if isinstance(runnable, StatefulSet) and any(
        is_single_writer(claim.spec.access_modes) for claim in runnable.spec.volume_claim_templates
    ):
        return True
    return any(True for _ in shared_claims(runnable, snapshot))


def is_single_writer(access_modes: tuple[str, ...]) -> bool:
    return bool(access_modes) and set(access_modes) <= ONE_WRITER
