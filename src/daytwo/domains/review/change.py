"""What changed just before a fault, where the cluster still shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daytwo.model.config import ConfigMap, Secret
from daytwo.model.finding import Since
from daytwo.model.metadata import Resource
from daytwo.model.network import NetworkPolicy
from daytwo.model.node import Node
from daytwo.model.pod_spec import Container, PodTemplate, Probe
from daytwo.model.problem import ChangeSeen
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import RESTARTED_AT, ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet, Workload

WINDOW: Final = timedelta(minutes=30)
# Kinds whose mere arrival may break what ran before.
_NEWS: Final = frozenset({"ResourceQuota", "LimitRange", "NetworkPolicy", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"})
# A change and its first effect are stamped by different clocks.
TOLERANCE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RolloutSeen:
    """The step from one revision of a workload to the next.

    `at` is when the newer became current; not exact means at that time at the latest.
    `previous_lasted` is for how long the older had been current, where that can be told.
    """

    workload: Ref
    revision: int
    previous: int
    at: datetime
    exact: bool
    differences: tuple[str, ...]
    previous_lasted: timedelta | None
    previous_was_available: bool
    who: str


def change_before(cause: Ref, workloads: tuple[Ref, ...], since: Since | None, snapshot: Snapshot) -> ChangeSeen | None:
    """The newest change within half an hour before a fault began, on its cause or on what it hit. None when no time is known."""
    if since is None:
        return None
    candidates: list[ChangeSeen] = []
    for ref in dict.fromkeys((cause, *workloads[:3])):
        found = snapshot.find(ref)
        if isinstance(found, Workload):
            # What was made together with the workload did not change under it.
            start = found.created + TOLERANCE if found.created is not None else since.at - WINDOW
            candidates.extend(change for change in _workload_changes(found, snapshot) if change.at >= start or change.kind == "rollout")
        elif isinstance(found, Node):
            candidates.extend(_node_changes(found, snapshot))
        elif found is not None:
            candidates.extend(_edits(found, ("hard", "webhooks", "spec"), is_news=found.KIND in _NEWS))
    in_window = [change for change in candidates if since.at - WINDOW <= change.at <= since.at + TOLERANCE]
    return max(in_window, key=lambda change: (change.at, change.kind == "rollout"), default=None)


def rollout_of(workload: Resource, snapshot: Snapshot) -> RolloutSeen | None:
    """The last rollout of a Deployment, StatefulSet or DaemonSet; None when no older revision is left to compare with."""
    match workload:
        case Deployment():
            return _deployment_rollout(workload, snapshot)
        case StatefulSet() | DaemonSet():
            return _revision_rollout(workload, snapshot)
    return None


def template_differences(old: PodTemplate, new: PodTemplate) -> tuple[str, ...]:
    """What differs between two pod templates, in words; a mere restart says so."""
    found: list[str] = []
    old_containers = {container.name: container for container in (*old.spec.init_containers, *old.spec.containers)}
    new_containers = {container.name: container for container in (*new.spec.init_containers, *new.spec.containers)}
    for name, container in new_containers.items():
        before = old_containers.get(name)
        if before is None:
            found.append(f"container {name} added")
        else:
            found.extend(_container_differences(before, container))
    found.extend(f"container {name} removed" for name in old_containers if name not in new_containers)
    if old.spec.volumes != new.spec.volumes:
        names = sorted({volume.name for volume in set(old.spec.volumes) ^ set(new.spec.volumes)})
        found.append(f"volumes changed: {', '.join(names)}" if names else "volumes reordered")
    for attribute, words in (
        ("service_account_name", "service account"),
        ("node_selector", "node selector"),
        ("affinity", "affinity"),
        ("tolerations", "tolerations"),
        ("priority_class_name", "priority class"),
    ):
        if getattr(old.spec, attribute) != getattr(new.spec, attribute):
            found.append(f"{words} changed")
    if not found and old.metadata.annotations.get(RESTARTED_AT) != new.metadata.annotations.get(RESTARTED_AT):
        return ("restarted by hand, nothing else differs",)
    return tuple(found)


def gitops_owner(resource: Resource) -> str:
    """Argo CD or Flux, if one of them keeps this object as it is in Git; empty otherwise."""
    if "argocd.argoproj.io/tracking-id" in resource.annotations or "argocd.argoproj.io/instance" in resource.labels:
        return "Argo CD"
    if any(key.startswith(("kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/")) for key in resource.labels):
        return "Flux"
    return ""


def _container_differences(old: Container, new: Container) -> Iterator[str]:
    name = new.name
    if old.image != new.image:
        yield f"image of {name} {old.image} → {new.image}"
    before, after = {variable.name: variable for variable in old.env}, {variable.name: variable for variable in new.env}
    added, removed = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    changed = sorted(key for key in before.keys() & after.keys() if before[key] != after[key])
    for words, keys in (("added", added), ("removed", removed), ("changed", changed)):
        if keys:
            yield f"variables of {name} {words}: {', '.join(keys)}"
    if old.env_from != new.env_from:
        yield f"envFrom of {name} changed"
    for kind, was, now in (
        ("requests", old.resources.requests, new.resources.requests),
        ("limits", old.resources.limits, new.resources.limits),
    ):
        for resource in sorted(was.keys() | now.keys()):
            if was.get(resource) != now.get(resource):
                yield f"{resource} {kind.removesuffix('s')} of {name} {was.get(resource, 'none')} → {now.get(resource, 'none')}"
    for words, probe_before, probe_after in (
        ("readiness", old.readiness_probe, new.readiness_probe),
        ("liveness", old.liveness_probe, new.liveness_probe),
        ("startup", old.startup_probe, new.startup_probe),
    ):
        if probe_before != probe_after:
            yield f"{words} probe of {name} {_probe_verb(probe_before, probe_after)}"
    if (old.command, old.args) != (new.command, new.args):
        yield f"command of {name} changed"
    if old.ports != new.ports:
        yield f"ports of {name} changed"


def _probe_verb(old: Probe | None, new: Probe | None) -> str:
    return "added" if old is None else "removed" if new is None else "changed"


def _deployment_rollout(deployment: Deployment, snapshot: Snapshot) -> RolloutSeen | None:
    sets = snapshot.replica_sets(deployment.ref)
    current = _current_replica_set(deployment, snapshot)
    if current is None:
        return None
    # The next lower number served before, after an undo too: the revived ReplicaSet gets a new, higher number.
    previous = next((one for one in sets if one.revision < current.revision), None)
    at, exact = _became_current(deployment, current, snapshot)
    if previous is None or at is None:
        return None
    lasted = at - previous.created if previous.created and not previous.was_revived else None
    return RolloutSeen(
        workload=deployment.ref,
        revision=current.revision,
        previous=previous.revision,
        at=at,
        exact=exact,
        differences=template_differences(previous.template, current.template),
        previous_lasted=lasted,
        previous_was_available=previous.status.available_replicas > 0 or (lasted is not None and lasted > WINDOW),
        who=_writer(deployment, "template", at),
    )


def _current_replica_set(workload: Workload, snapshot: Snapshot) -> ReplicaSet | None:
    if not isinstance(workload, Deployment):
        return None
    return next((one for one in snapshot.replica_sets(workload.ref) if one.revision == workload.revision), None)


def _became_current(deployment: Deployment, current: ReplicaSet, snapshot: Snapshot) -> tuple[datetime | None, bool]:
    """When a ReplicaSet became the current one: its creation only tells if no undo revived it."""
    scaled_up = [
        event.first_at
        for event in snapshot.events_of(deployment)
        if event.reason == "ScalingReplicaSet"
        and f"Scaled up replica set {current.name} " in event.message
        and "from 0 to" in event.message
    ]
    known = [at for at in scaled_up if at is not None]
    if known:
        return max(known), True
    if not current.was_revived:
        return current.created, True
    progressing = deployment.condition("Progressing")
    return (progressing.last_update_time, False) if progressing is not None else (None, False)


def _revision_rollout(workload: StatefulSet | DaemonSet, snapshot: Snapshot) -> RolloutSeen | None:
    revisions = sorted(
        (one for one in snapshot.seen(ControllerRevision, workload.namespace) if snapshot.top_owner(one) == workload.ref),
        key=lambda one: -one.revision,
    )
    if len(revisions) < 2 or revisions[0].created is None:
        return None
    current, previous = revisions[0], revisions[1]
    at = revisions[0].created
    lasted = at - previous.created if previous.created else None
    return RolloutSeen(
        workload=workload.ref,
        revision=current.revision,
        previous=previous.revision,
        at=at,
        exact=True,
        differences=template_differences(previous.data.spec.template, current.data.spec.template),
        previous_lasted=lasted,
        previous_was_available=lasted is not None and lasted > WINDOW,
        who=_writer(workload, "template", at),
    )


def _workload_changes(workload: Workload, snapshot: Snapshot) -> Iterator[ChangeSeen]:
    rollout = rollout_of(workload, snapshot)
    if rollout is not None:
        yield ChangeSeen(rollout.at, rollout_words(rollout), "rollout", rollout.exact, rollout.who)
    for reference in workload.template.spec.references():
        used = snapshot.find(Ref(reference.kind, workload.namespace, reference.name))
        if isinstance(used, ConfigMap | Secret):
            yield from _edits(used, ("data",))
    current = _current_replica_set(workload, snapshot)
    for event in snapshot.events_of(workload):
        # Scaling down an older revision is part of its rollout.
        if (
            event.reason == "ScalingReplicaSet"
            and event.message.startswith(f"Scaled down replica set {current.name if current else ''} ")
            and event.at is not None
        ):
            yield ChangeSeen(event.at, f"scaling: {_lower_first(event.message)}", "scaling")
    for autoscaler in snapshot.autoscalers_of(workload.ref):
        for event in snapshot.events_of(autoscaler):
            if event.reason == "SuccessfulRescale" and event.at is not None:
                yield ChangeSeen(event.at, f"autoscaler {autoscaler.name}: {_lower_first(event.message)}", "scaling")
    for policy in snapshot.seen(NetworkPolicy, workload.namespace):
        if policy.spec.pod_selector.matches(workload.pod_labels):
            yield from _edits(policy, ("spec",))
    for node in {pod.spec.node_name for pod in snapshot.pods_of(workload.ref) if pod.spec.node_name}:
        for event in snapshot.events_about(Ref(Node.KIND, "", node)):
            if event.reason == "Rebooted" and event.at is not None:
                yield ChangeSeen(event.at, f"node {node} rebooted", "node")


def _node_changes(node: Node, snapshot: Snapshot) -> Iterator[ChangeSeen]:
    for event in snapshot.events_of(node):
        if event.reason in ("Rebooted", "NodeNotSchedulable", "Shutdown") and event.at is not None:
            yield ChangeSeen(event.at, f"node event {event.reason}: {event.message}", "node")
    cordon = node.taint("node.kubernetes.io/unschedulable")
    if cordon is not None and cordon.time_added is not None:
        yield ChangeSeen(cordon.time_added, "the node was cordoned", "node", who=_writer(node, "unschedulable", cordon.time_added))


def _edits(resource: Resource, fields: tuple[str, ...], *, is_news: bool = True) -> Iterator[ChangeSeen]:
    """The last write of one of these fields; that an object was made is a change only where its being there restricts others."""
    name = f"{resource.KIND} {resource.name}"
    for field in fields:
        write = resource.last_write(field)
        if write is None or write.time is None:
            continue
        is_creation = resource.created is not None and abs(write.time - resource.created) < TOLERANCE
        if is_news or not is_creation:
            yield ChangeSeen(write.time, f"{name} was {'created' if is_creation else 'changed'}", "edit", who=write.manager)
        return
    if is_news and resource.created is not None:
        yield ChangeSeen(resource.created, f"{name} was created", "edit")


def rollout_words(rollout: RolloutSeen) -> str:
    """`revision 9 rolled out (image of app web:1.1 → web:1.2)`"""
    shown = "; ".join(rollout.differences[:2]) + (f" and {len(rollout.differences) - 2} more" if len(rollout.differences) > 2 else "")
    return f"revision {rollout.revision} rolled out{f' ({shown})' if shown else ''}"


def _writer(resource: Resource, field: str, at: datetime) -> str:
    write = resource.last_write(field)
    if write is None or write.time is None or abs(write.time - at) > TOLERANCE:
        return ""
    return write.manager


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
