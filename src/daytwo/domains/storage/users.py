"""Which pods use a claim."""

from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolumeClaim


def users_of(claim: Ref, snapshot: Snapshot) -> tuple[Pod, ...]:
    """The pods seen that mount this claim and are not finished; those on their way out still hold its volume."""
    return tuple(pod for pod in snapshot.once(_pods_by_claim).get(claim, ()) if not pod.is_finished)


def _pods_by_claim(snapshot: Snapshot) -> dict[Ref, list[Pod]]:
    found: dict[Ref, list[Pod]] = {}
    for pod in snapshot.seen(Pod):
        for name in pod.spec.claim_names(pod.name):
            found.setdefault(Ref(PersistentVolumeClaim.KIND, pod.namespace, name), []).append(pod)
    return found
