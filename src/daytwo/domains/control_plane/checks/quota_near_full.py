"""The check `control-plane/quota-near-full`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.metadata import Resource
from daytwo.model.policy import ResourceQuota
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, Deployment, Job, ReplicaSet, StatefulSet, Workload

# Kinds whose missing pods only events explain; a ReplicaSet's condition may come later than its event.
_WITHOUT_CONDITIONS: Final[tuple[type[Workload], ...]] = (ReplicaSet, StatefulSet, DaemonSet, Job)
NEAR: Final = Decimal("0.9")
_EXCEEDED: Final = re.compile(r"exceeded quota: (?P<quota>[^,\s]+), requested: .+?, used: .+?, limited: (?P<limited>[^\n]+)")
_KEY: Final = re.compile(r"([a-z0-9][a-zA-Z0-9./_-]*)=")
# Every pod counts against these, so a rollout that starts one more pod for a moment already meets the limit.
_OF_PODS: Final = re.compile(r"(?:requests\.|limits\.)?(?:cpu|memory|ephemeral-storage)|pods|count/pods|requests\.[^/]+/.+")


@check(ResourceQuota, heading=Heading.RESOURCES, severity=Severity.LOW, basis=Basis.STATE)
def quota_near_full(quota: ResourceQuota, snapshot: Snapshot) -> Iterator[Hit]:
    """A ResourceQuota of which at least nine tenths are used, or which holds back pods now.

    Why: once it is full the API server refuses further pods, and only an event on the ReplicaSet says so: replicas stay missing,
    rollouts stop half-way.
    Fix: raising a quota is a decision about the cluster's capacity: raise `spec.hard`, or lower the requests that fill it.
    Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
    Not: a limit of zero, which forbids on purpose.
    """
    refusals = snapshot.once(_refusals).get((quota.namespace, quota.name), ())
    for key, hard in sorted(quota.status.hard.items()):
        used = quota.status.used.get(key, 0)
        limit, amount = quantity_or_zero(hard), quantity_or_zero(used)
        held_back = [refusal for refusal in refusals if key in refusal.keys]
        if limit <= 0 or (amount < limit * NEAR and not held_back):
            continue
        evidence = [Evidence(f"ResourceQuota {quota.name}: status.used of {key} is {used}, status.hard is {hard}")]
        evidence.extend(Evidence(refusal.text, refusal.at) for refusal in held_back[:2])
        since = min((refusal.at for refusal in held_back if refusal.at is not None), default=None)
        is_full = amount >= limit
        use = f"{used} of {hard} {key} used"
        if held_back:
            who = ", ".join(dict.fromkeys(refusal.who for refusal in held_back[:3]))
            message, harm = f"refuses pods of {who}: {use}", Harm.ACTIVE
        elif is_full and _OF_PODS.fullmatch(key):
            message, harm = f"is full: {use}; the next pod will be refused", Harm.ONE_EVENT_AWAY
        else:
            message, harm = f"is {'full' if is_full else 'nearly full'}: {use}", Harm.NONE
        yield Hit(
            message,
            path=f"status.used[{key}]",
            item=key,
            since=Since(since, exact=False) if since is not None else None,
            evidence=tuple(evidence),
            confirm=kubectl("describe", "resourcequota", quota.name, namespace=quota.namespace),
            harm=harm,
            severity=None if harm is Harm.NONE else Severity.MEDIUM,
        )


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A workload that is short of pods because of a quota, the keys that are exceeded, and where this stands."""

    who: str
    keys: frozenset[str]
    text: str
    at: datetime | None


def _refusals(snapshot: Snapshot) -> dict[tuple[str, str], tuple[_Refusal, ...]]:
    """(namespace, quota) → who is held back by it now, the first to be held back first."""
    found: dict[tuple[str, str], dict[str, _Refusal]] = {}

    def note(resource: Resource, message: str, where: str, at: datetime | None) -> None:
        match = _EXCEEDED.search(message)
        if match is not None:
            owner = snapshot.top_owner(resource)
            refusal = _Refusal(f"{owner.kind} {owner.name}", frozenset(_KEY.findall(match["limited"])), f"{where}: {message}", at)
            found.setdefault((resource.namespace, match["quota"]), {}).setdefault(refusal.who, refusal)

    makers: tuple[Deployment | ReplicaSet, ...] = (*snapshot.seen(Deployment), *snapshot.seen(ReplicaSet))
    for maker in makers:
        failure = maker.condition("ReplicaFailure")
        if failure is not None and failure.status == "True":
            note(maker, failure.message, f"{maker.KIND} {maker.name}: condition ReplicaFailure", failure.last_transition_time)
    for kind in _WITHOUT_CONDITIONS:
        for workload in snapshot.seen(kind):
            if not _is_short(workload):
                continue
            for event in snapshot.events_of(workload):
                if event.reason == "FailedCreate":
                    note(workload, event.message, f"event FailedCreate on {workload.KIND} {workload.name}", event.first_at)
    return {
        quota: tuple(sorted(refusals.values(), key=lambda one: (one.at.timestamp() if one.at else 0.0, one.who)))
        for quota, refusals in found.items()
    }


def _is_short(maker: Resource) -> bool:
    """Whether a workload still lacks pods: an event outlives what it tells of."""
    match maker:
        case ReplicaSet() | StatefulSet():
            return maker.status.replicas < maker.replicas
        case DaemonSet():
            return maker.status.current_number_scheduled < maker.status.desired_number_scheduled
        case Job():
            return maker.status.active == 0 and maker.status.completion_time is None and not maker.spec.suspend
    return False
