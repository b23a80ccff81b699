"""The check `disruption/budget-status-stale`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.disruption.coverage import blocked_since, sync_failure
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

_GRACE: Final = timedelta(minutes=2)


@check(PodDisruptionBudget, heading=Heading.RELIABILITY, severity=Severity.LOW, harm=Harm.NONE, basis=Basis.STATE)
def budget_status_stale(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """A disruption budget whose status the controller could not compute, or has not computed since its spec changed.

    Why: evictions are decided by the status. While computing it fails none is allowed; while it is old the wrong number is.
    Fix: see the message: often the selector also matches pods whose controller cannot be scaled, such as a Job's; or the disruption
    controller does not run.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
    Not: the first two minutes.
    """
    status = budget.status
    confirm = kubectl("describe", "pdb", budget.name, namespace=budget.namespace)
    failure = sync_failure(budget)
    if failure is not None:
        at = blocked_since(budget)
        if at is None or snapshot.taken_at - at >= _GRACE:
            yield Hit(
                f"its status cannot be computed, so no pod may be evicted: {failure.strip().partition(chr(10))[0][:200]}",
                path="status.conditions",
                fix="let the selector match only pods of workloads that can be scaled" if "scale" in failure else "",
                since=Since(at, exact=False) if at is not None else None,
                evidence=(Evidence(f"disruption budget {budget.name}: DisruptionAllowed False SyncFailed: {failure}", at),),
                confirm=confirm,
                harm=Harm.ONE_EVENT_AWAY,
                severity=Severity.MEDIUM,
            )
        return
    if status.observed_generation >= budget.metadata.generation:
        return
    write = budget.last_write("spec")
    changed = (write.time if write is not None else None) or budget.created
    if changed is not None and snapshot.taken_at - changed < _GRACE:
        return
    yield Hit(
        "its status is older than its spec: the disruption controller has not looked at it since",
        path="status.observedGeneration",
        fix="see whether kube-controller-manager runs",
        since=Since(changed) if changed is not None else None,
        evidence=(Evidence(f"generation {budget.metadata.generation}, observed {status.observed_generation}", changed),),
        confirm=confirm,
    )
