"""The check `readiness/surge-with-single-writer-volume`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.rolling import rolling_of
from daytwo.model.finding import Hit
from daytwo.model.repair import Edit, Repair
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.single_writer import names_claims, shared_claims
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment


@check(Deployment, heading=Heading.RELIABILITY, severity=Severity.MEDIUM)
def surge_with_single_writer_volume(workload: Deployment, snapshot: Snapshot) -> Iterator[Hit]:
    """A rolling update starts the new pod while the old one still holds a volume that only one of them can use.

    Why: on another node the new pod waits for the volume and the old pod for the new one to be ready: the rollout hangs until its
    deadline. On the same node both write at once.
    Fix: set strategy.type to Recreate, or use a StatefulSet.
    Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
    Not: a rollout that takes the old pod away first (maxSurge 0), a StatefulSet, which always does, and volumes that many may write.
    """
    bounds = rolling_of(workload, 1)
    if bounds is None or not bounds.extra or not names_claims(workload) or scale_of(workload, snapshot).most != 1:
        return
    for volume, claim in shared_claims(workload, snapshot):
        yield Hit(
            f"a rollout starts a second pod while the first holds claim {claim.name} ({', '.join(claim.spec.access_modes)})",
            path="spec.strategy",
            item=volume,
            fix="set strategy.type to Recreate",
            repair=Repair((Edit("spec.strategy.type", "Recreate"), Edit("spec.strategy.rollingUpdate", is_removal=True))),
        )
