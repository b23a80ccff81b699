"""The check `autoscaling/hpa-without-target`."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.kinds import BY_NAME, kind_name
from daytwo.model.nearness import nearest
from daytwo.model.pod import Pod
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.repair import setting
from daytwo.model.scaling import scalers_seen
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, DaemonSet, Deployment, Job, ObjectReference, ReplicaSet, Rollout, StatefulSet, Workload

# An autoscaler is often applied together with what it scales.
_GRACE: Final = timedelta(minutes=2)
_SCALABLE: Final[dict[str, type[Workload]]] = {kind.KIND: kind for kind in (Deployment, StatefulSet, ReplicaSet, Rollout)}
# A reference without an apiVersion means the core group, which newer API servers refuse and older ones never find; and nothing serves
# workloads under extensions any more.
_WITHOUT_WORKLOADS: Final = ("", "extensions")
_NEVER_SCALED: Final = (DaemonSet.KIND, Job.KIND, CronJob.KIND, Pod.KIND)
_GONE = re.compile(r"not found|no matches for kind|could not find the requested resource")


@check(
    HorizontalPodAutoscaler,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    by_hand="which workload is meant, or whether the autoscaler is a leftover, is for a person to say",
)
def hpa_without_target(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler whose target does not exist or cannot be read. The API server does not check the name, nor the kind.

    Why: the workload it was made for is not scaled. If that workload is gone, the autoscaler is a leftover.
    Fix: correct spec.scaleTargetRef, or delete the autoscaler with the workload it belonged to.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
    Not: a target of a custom kind, of which only its controller could tell.
    """
    if autoscaler.is_terminating or (autoscaler.created is not None and snapshot.taken_at - autoscaler.created < _GRACE):
        return
    able = autoscaler.condition("AbleToScale")
    failure = able if able is not None and able.status == "False" and able.reason == "FailedGetScale" else None
    reference = autoscaler.spec.scale_target_ref
    fault = _fault(reference)
    if fault is not None:
        yield fault
        return
    kind = _SCALABLE.get(kind_name(reference.api_version, reference.kind))
    if failure is None and (kind is None or _is_there(autoscaler, kind, snapshot)):
        return
    at = failure.last_transition_time if failure is not None else None
    told = (
        f"AbleToScale False FailedGetScale: {failure.message}" if failure is not None else "spec.scaleTargetRef names nothing that exists"
    )
    if failure is not None and not _GONE.search(failure.message):
        why, meant = f"cannot be read: {failure.message.strip().partition(chr(10))[0][:200]}", ""
    else:
        why, meant = "does not exist", _meant(reference.kind, reference.name, autoscaler.namespace, snapshot)
    # Where nothing of a similar name is left to scale, it is a leftover.
    is_needed = bool(meant) or why != "does not exist"
    yield Hit(
        f"its target {reference.kind} {reference.name} {why}",
        path="spec.scaleTargetRef",
        fix=f"write {meant} in spec.scaleTargetRef" if meant else "",
        since=Since(at, exact=False) if at is not None else None,
        evidence=(Evidence(f"autoscaler {autoscaler.name}: {told}", at),),
        confirm=kubectl(
            "get",
            "hpa",
            autoscaler.name,
            "-o",
            'jsonpath={.status.conditions[?(@.type=="AbleToScale")].message}',
            namespace=autoscaler.namespace,
        ),
        harm=None if is_needed else Harm.NONE,
        severity=None if is_needed else Severity.LOW,
    )


def _fault(reference: ObjectReference) -> Hit | None:
    """What is wrong with the reference itself: a kind that nothing can scale, or a known kind without its group."""
    group = reference.api_version.rpartition("/")[0]
    named = f"its target {reference.kind} {reference.name}"
    if reference.kind in _NEVER_SCALED and group == BY_NAME[reference.kind].group:
        return Hit(f"{named} cannot be scaled: a {reference.kind} has no number of replicas", path="spec.scaleTargetRef.kind")
    if reference.kind not in _SCALABLE or group not in _WITHOUT_WORKLOADS:
        return None
    known = BY_NAME[reference.kind]
    wanted = f"{known.group}/{known.version}"
    return Hit(
        f"{named} is looked for in {f'API group {group}' if group else 'the core API group'}, which has no such kind",
        path="spec.scaleTargetRef.apiVersion",
        fix=f"write apiVersion: {wanted}",
        repair=setting("spec.scaleTargetRef.apiVersion", wanted),
    )


def _is_there(autoscaler: HorizontalPodAutoscaler, kind: type[Workload], snapshot: Snapshot) -> bool:
    """Whether the target exists. Where it could not be read its controller's word counts; without that Unseen is raised."""
    able = autoscaler.condition("AbleToScale")
    if able is not None and able.status == "True" and not snapshot.is_read(kind.KIND, autoscaler.namespace):
        return True
    return snapshot.get(kind, autoscaler.namespace, autoscaler.spec.scale_target_ref.name) is not None


def _meant(kind: str, name: str, namespace: str, snapshot: Snapshot) -> str:
    """The workload that was probably meant, which no autoscaler scales: of this name in another kind, or of a similar name."""
    free = snapshot.once(_free).get(namespace, {})
    alike = free.get(name)
    if not alike:
        near = nearest(name, free)
        alike = [workload for workload in free.get(near, ()) if kind == workload.KIND]
    return f"{alike[0].KIND} {alike[0].name}" if alike else ""


def _free(snapshot: Snapshot) -> Mapping[str, Mapping[str, list[Workload]]]:
    """Namespace and name → the workloads there that nothing scales."""
    found: dict[str, dict[str, list[Workload]]] = {}
    for kind in _SCALABLE.values():
        for workload in snapshot.seen(kind):
            if workload.controller is None and not scalers_seen(workload.ref, snapshot):
                found.setdefault(workload.namespace, {}).setdefault(workload.name, []).append(workload)
    return found
