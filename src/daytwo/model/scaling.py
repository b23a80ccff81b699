"""How many pods a workload is meant to have: what it says itself, and what an autoscaler makes of that."""

from collections.abc import Mapping
from typing import NamedTuple

from daytwo.model.autoscaler import ScaledObject, VerticalPodAutoscaler
from daytwo.model.kinds import BY_NAME, kind_name
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Rollout, Workload

Scaler = HorizontalPodAutoscaler | ScaledObject


class Scale(NamedTuple):
    """The fewest and the most pods that are wanted; `by` is who chooses between the two, None where nobody does."""

    fewest: int
    most: int
    by: Scaler | None = None


def target_of(scaler: Scaler | VerticalPodAutoscaler) -> Ref:
    """What it scales, by its group as well: a built-in kind under a group that has no such kind is nobody."""
    reference = scaler.spec.target_ref if isinstance(scaler, VerticalPodAutoscaler) else scaler.spec.scale_target_ref
    kind = kind_name(reference.api_version, reference.kind)
    known = BY_NAME.get(kind)
    if known is not None and known.group != reference.api_version.rpartition("/")[0]:
        kind = f"{kind}.core"
    return Ref(kind, scaler.namespace, reference.name)


def scalers_of(target: Ref, snapshot: Snapshot) -> tuple[Scaler, ...]:
    """Who scales an object. The autoscaler that KEDA makes of a ScaledObject is not told beside it.

    Raises Unseen in a cluster where nobody looked at them; among files an autoscaler stands beside what it scales.
    """
    if not snapshot.is_of_files:
        for kind in (HorizontalPodAutoscaler, ScaledObject):
            snapshot.require(kind.KIND, target.namespace)
    return scalers_seen(target, snapshot)


def scalers_seen(target: Ref, snapshot: Snapshot) -> tuple[Scaler, ...]:
    """Of those the ones that were seen, for evidence."""
    return snapshot.once(_scalers).get(target, ())


def vertical_scalers_of(target: Ref, snapshot: Snapshot) -> tuple[VerticalPodAutoscaler, ...]:
    """The VerticalPodAutoscalers of an object. Raises Unseen in a cluster where nobody looked at them."""
    if not snapshot.is_of_files:
        snapshot.require(VerticalPodAutoscaler.KIND, target.namespace)
    return snapshot.once(_vertical_scalers).get(target, ())


def scale_of(workload: Runnable, snapshot: Snapshot) -> Scale:
    """The bounds of a workload, by the autoscaler that scales it. A Deployment that a Rollout refers to has the Rollout's.

    Raises Unseen in a cluster where nobody looked at autoscalers.
    """
    rollout = snapshot.once(_rollouts).get(workload.ref)
    subject = rollout if rollout is not None else workload
    scalers = scalers_of(subject.ref, snapshot)
    if len(scalers) == 1:
        fewest, most = bounds(scalers[0])
        return Scale(fewest, most, scalers[0])
    replicas = subject.replicas if isinstance(subject, Workload) else 1
    return Scale(replicas, replicas)


def bounds(scaler: Scaler) -> tuple[int, int]:
    """The fewest and the most pods it asks for."""
    if isinstance(scaler, HorizontalPodAutoscaler):
        return scaler.spec.min_replicas, scaler.spec.max_replicas
    idle = scaler.spec.idle_replica_count
    fewest = scaler.spec.min_replica_count
    return min(fewest, idle) if idle is not None else fewest, scaler.spec.max_replica_count


def _scalers(snapshot: Snapshot) -> Mapping[Ref, tuple[Scaler, ...]]:
    found: dict[Ref, list[Scaler]] = {}
    for scaled in snapshot.seen(ScaledObject):
        found.setdefault(target_of(scaled), []).append(scaled)
    for autoscaler in snapshot.seen(HorizontalPodAutoscaler):
        owner = autoscaler.controller
        if owner is None or owner.kind != ScaledObject.KIND:
            found.setdefault(target_of(autoscaler), []).append(autoscaler)
    return {target: tuple(scalers) for target, scalers in found.items()}


def _vertical_scalers(snapshot: Snapshot) -> Mapping[Ref, tuple[VerticalPodAutoscaler, ...]]:
    found: dict[Ref, list[VerticalPodAutoscaler]] = {}
    for scaler in snapshot.seen(VerticalPodAutoscaler):
        found.setdefault(target_of(scaler), []).append(scaler)
    return {target: tuple(scalers) for target, scalers in found.items()}


def _rollouts(snapshot: Snapshot) -> Mapping[Ref, Rollout]:
    """What a Rollout refers to instead of having a template of its own → the Rollout."""
    return {
        Ref(rollout.spec.workload_ref.kind, rollout.namespace, rollout.spec.workload_ref.name): rollout
        for rollout in snapshot.seen(Rollout)
        if rollout.spec.workload_ref is not None
    }
