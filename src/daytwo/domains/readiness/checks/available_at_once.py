"""The check `readiness/available-at-once`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.subjects import has_own_template
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, Rollout, StatefulSet


@check(Deployment, StatefulSet, Rollout, heading=Heading.RELIABILITY, severity=Severity.LOW, applies=has_own_template)
def available_at_once(workload: Deployment | StatefulSet | Rollout, snapshot: Snapshot) -> Iterator[Hit]:
    """Nothing tells whether a new pod works: it has no readiness probe, and minReadySeconds is 0.

    Why: a rollout goes on as soon as a new pod's processes run. A program that ends after three seconds replaces all working pods.
    Fix: add a readiness probe; failing that, set minReadySeconds to longer than a broken start takes to show.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#min-ready-seconds
    """
    if workload.spec.min_ready_seconds or not workload.pod_spec.containers:
        return
    if any(placed.container.readiness_probe is not None for placed in workload.running_containers()):
        return
    yield Hit(
        "a new pod counts as available the moment its processes run: no readiness probe, minReadySeconds 0",
        path="spec.minReadySeconds",
        repair=setting("spec.minReadySeconds", 10),
    )
