"""The check `disruption/budget-selects-nothing`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.disruption.coverage import WORKLOADS, covered_pods, covered_workloads
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.nearness import MANY, near_labels
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.templates import selects_some

_GRACE: Final = timedelta(minutes=5)


@check(
    PodDisruptionBudget,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    harm=Harm.NONE,
    by_hand="whether its labels are wrong or its workload is gone is for its owner to say",
)
def budget_selects_nothing(budget: PodDisruptionBudget, snapshot: Snapshot) -> Iterator[Hit]:
    """A disruption budget that protects no pod: nothing carries the labels it asks for.

    Why: the workload it was written for is unprotected, and a drain may evict all of its replicas at once; or it is a leftover.
    Fix: make the selector match the pod template's labels, or delete the budget with the workload it belonged to.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    Not: a budget whose workload exists and has no pods now, such as one scaled to zero or a Job between runs. Of files, a budget
    in a namespace of which the files hold no workload at all is unknown.
    """
    if budget.is_terminating or (budget.created is not None and snapshot.taken_at - budget.created < _GRACE):
        return
    if _selects_something(budget, snapshot):
        return
    selector = budget.spec.selector
    if selector is None:
        message = "protects no pod: it has no selector"
        meant = ""
    else:
        message = f"protects no pod: nothing matches its selector {selector}"
        meant = _meant(budget, snapshot)
    yield Hit(
        f"{message}; nearest is {meant}" if meant else message,
        path="spec.selector",
        fix=f"if {meant.partition(' with ')[0]} is meant, write its labels in spec.selector" if meant else "",
        evidence=() if budget.is_declared else (Evidence(f"disruption budget {budget.name}: {budget.status.expected_pods} pods expected"),),
        confirm=kubectl("describe", "pdb", budget.name, namespace=budget.namespace),
    )


def _selects_something(budget: PodDisruptionBudget, snapshot: Snapshot) -> bool:
    selector = budget.spec.selector
    if selector is None:
        return False
    if budget.is_declared:
        return selects_some(selector, budget.namespace, snapshot)
    return bool(covered_pods(budget, snapshot)) or any(True for _ in covered_workloads(budget, snapshot))


def _meant(budget: PodDisruptionBudget, snapshot: Snapshot) -> str:
    """The workload that the selector misses by a typo, with its labels."""
    selector = budget.spec.selector
    if selector is None or not selector.match_labels:
        return ""
    for kind in WORKLOADS:
        candidates = snapshot.seen(kind, budget.namespace)
        for workload in candidates if len(candidates) <= MANY else ():
            near = near_labels(selector.match_labels, workload.pod_labels)
            if near and workload.controller is None:
                return f"{kind.KIND} {workload.name} with {','.join(f'{key}={value}' for key, value in sorted(near.items()))}"
    return ""
