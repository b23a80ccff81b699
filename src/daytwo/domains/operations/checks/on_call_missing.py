"""The check `operations/on-call-missing`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.operations.care import ON_CALL_KEYS, entries, is_looked_after, require_namespace, said
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, Deployment, Rollout, StatefulSet, Workload


class OnCallKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`keys`: labels or annotations that say who is paged, of the workload, its pods or its namespace."""

    keys: tuple[str, ...] = ON_CALL_KEYS


@check(
    Deployment,
    StatefulSet,
    DaemonSet,
    Rollout,
    heading=Heading.OPERATIONS,
    severity=Severity.LOW,
    applies=is_looked_after,
    options=OnCallKeys,
    by_hand="who is on call for it is for people to say",
)
def on_call_missing(workload: Workload, snapshot: Snapshot, options: OnCallKeys) -> Iterator[Hit]:
    """A service that refers to nobody who is on call for it.

    Why: an alert that reaches nobody is found by users, and at night the search for the right team takes the longest.
    Fix: annotate it with the service of your paging tool (pagerduty.com/service-id, opsgenie.com/team …), or its catalogue entry.
    Source: https://kubernetes.io/blog/2021/04/20/annotating-k8s-for-humans/
    Not: Jobs and CronJobs; what a ReplicaSet of these makes; kube-system.
    """
    if said(workload, snapshot, options.keys) is None and not any(entry.on_call for entry in entries(workload, snapshot)):
        require_namespace(workload, snapshot)
        yield Hit("refers to nobody on call", path="metadata.annotations", fix="annotate it with its service in the paging tool")
