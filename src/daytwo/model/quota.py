"""What a ResourceQuota counts of pods."""

from decimal import Decimal
from typing import Final

from daytwo.model.allotment import totals
from daytwo.model.policy import ResourceQuota
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot

# Under these keys a quota refuses pods that do not say how much they need; under `ephemeral-storage` it does not.
# https://kubernetes.io/docs/concepts/policy/resource-quotas/#compute-resource-quota
DEMANDED: Final[dict[str, tuple[str, str]]] = {
    "cpu": ("requests", "cpu"),
    "memory": ("requests", "memory"),
    "requests.cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
}


def counted_for(runnable: Runnable, snapshot: Snapshot) -> dict[str, Decimal]:
    """Key of a quota → what one pod of this workload adds to it, in cores, bytes and pieces."""
    requests, limits = totals(runnable, snapshot)
    counted: dict[str, Decimal] = {"pods": Decimal(1), "count/pods": Decimal(1)}
    for resource, value in requests.items():
        counted[f"requests.{resource}"] = value
        if resource in ("cpu", "memory", "ephemeral-storage"):
            counted[resource] = value
    counted.update({f"limits.{resource}": value for resource, value in limits.items()})
    return counted


def room_in(quota: ResourceQuota, runnable: Runnable, snapshot: Snapshot) -> tuple[str, int] | None:
    """How many pods of this workload the quota has room for if nothing else counts, with the key that ends it; None where none does."""
    counted = counted_for(runnable, snapshot)
    room = [(key, int(quantity_or_zero(hard) // counted[key])) for key, hard in quota.spec.hard.items() if counted.get(key)]
    return min(room, key=lambda one: (one[1], one[0]), default=None)
