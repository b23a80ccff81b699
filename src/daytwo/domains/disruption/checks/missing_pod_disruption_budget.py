"""The check `disruption/missing-pod-disruption-budget`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.disruption.coverage import budgets_of, is_countable
from daytwo.model.finding import Hit
from daytwo.model.json import Object
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.repair import Repair
from daytwo.model.runnable import Runnable
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CustomWorkload, Deployment, ReplicaSet, Rollout, StatefulSet

_LONGEST_NAME: Final = 253


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, applies=is_countable)
def missing_pod_disruption_budget(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload of two or more replicas that no PodDisruptionBudget selects.

    Why: a node drain, as every upgrade and every scale-down of the cluster does, may evict all of its replicas at once.
    Fix: add a PodDisruptionBudget whose selector matches the pod template's labels, and which spares one pod: `maxUnavailable: 1`.
    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    Not: workloads of one replica, where a budget either does nothing or stops every drain; DaemonSets and Jobs; a budget that some
    other object's labels match, or that stands in another namespace, is none.
    """
    if budgets_of(workload, snapshot):
        return
    scale = scale_of(workload, snapshot)
    if scale.fewest < 2:
        return
    snapshot.require(PodDisruptionBudget.KIND, workload.namespace)
    told = f"{scale.fewest} replicas or more, by {scale.by.KIND} {scale.by.name}" if scale.by is not None else f"{scale.fewest} replicas"
    budget = _budget(workload)
    yield Hit(
        f"no PodDisruptionBudget selects its pods ({told}): a drain may take them all at once",
        path=f"{workload.template_path}metadata.labels",
        fix="add a PodDisruptionBudget with maxUnavailable 1 for these pods",
        repair=Repair(documents=(budget,)) if budget is not None else None,
        by_hand=""
        if budget is not None
        else "its own selector is not known: only a person can say by which labels its pods are told apart",
    )


def _budget(workload: Runnable) -> Object | None:
    """A budget that spares one pod, by the selector that the workload itself tells its pods by."""
    if not isinstance(workload, Deployment | StatefulSet | ReplicaSet | Rollout) or isinstance(workload, CustomWorkload):
        return None
    selector = workload.spec.selector
    if selector.is_empty or not selector.matches(workload.pod_labels):
        return None
    wanted: Object = {}
    if selector.match_labels:
        wanted["matchLabels"] = dict(selector.match_labels)
    if selector.match_expressions:
        wanted["matchExpressions"] = [
            {"key": one.key, "operator": one.operator, **({"values": list(one.values)} if one.values else {})}
            for one in selector.match_expressions
        ]
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {
            "name": workload.name[:_LONGEST_NAME],
            **({"namespace": workload.namespace} if _is_namespace_written(workload) else {}),
        },
        "spec": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": wanted},
    }


def _is_namespace_written(workload: Runnable) -> bool:
    return bool(workload.namespace) and not (workload.origin is not None and workload.origin.is_namespace_assumed)
