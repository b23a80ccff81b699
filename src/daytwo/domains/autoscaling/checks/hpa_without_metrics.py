"""The check `autoscaling/hpa-without-metrics`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import Command, kubectl
from daytwo.model.control_plane import APIService
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.pod import Pod
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

_LASTING: Final = timedelta(minutes=10)
_REASONS: Final = frozenset({"InvalidSelector", "AmbiguousSelector", "InvalidMetricSourceType"})
_GROUP = re.compile(r"((?:custom\.|external\.)?metrics\.k8s\.io)")
_REQUEST = re.compile(r"missing request for (\S+) in container (\S+)")
_POD_REQUEST = re.compile(r"missing pod-level request for (\S+)")
_OTHERS = re.compile(r"multiple HPAs: \[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class _Reason:
    why: str
    because: tuple[Ref, ...] = ()
    fix: str = ""
    confirm: Command | None = None


@check(HorizontalPodAutoscaler, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, harm=Harm.ONE_EVENT_AWAY, basis=Basis.STATE)
def hpa_without_metrics(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler that has not been able to compute a number of replicas for ten minutes.

    Why: the workload stays at the size it had, whatever the load does.
    Fix: repair or install the metrics API it asks; give each container a request for the resource it scales on; let one autoscaler
    scale one set of pods.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
    Not: a target scaled to zero, which is meant (ScalingDisabled).
    """
    active = autoscaler.condition("ScalingActive")
    if active is None or active.status != "False":
        return
    if not (active.reason.startswith("FailedGet") or active.reason in _REASONS):
        return
    at = active.last_transition_time
    if at is not None and snapshot.taken_at - at < _LASTING:
        return
    reason = _reason(autoscaler, active.reason, active.message, snapshot)
    yield Hit(
        f"cannot compute how many replicas it needs: {reason.why}",
        path="status.conditions",
        fix=reason.fix,
        since=Since(at, exact=False) if at is not None else None,
        evidence=(Evidence(f"autoscaler {autoscaler.name}: ScalingActive False {active.reason}: {active.message}", at),),
        because=reason.because,
        confirm=reason.confirm
        or kubectl(
            "get",
            "hpa",
            autoscaler.name,
            "-o",
            'jsonpath={.status.conditions[?(@.type=="ScalingActive")].message}',
            namespace=autoscaler.namespace,
        ),
    )


def _reason(autoscaler: HorizontalPodAutoscaler, reason: str, message: str, snapshot: Snapshot) -> _Reason:
    group = _GROUP.search(message)
    if group is not None and "unable to handle the request" in message:
        api = _api_service(group.group(1), snapshot)
        why = f"the API {group.group(1)} does not answer"
        return _Reason(why, (api,), "repair the API's backend", kubectl("get", "apiservice", api.name) if snapshot.find(api) else None)
    if group is not None and ("could not find the requested resource" in message or "registered" in message):
        # The cause is an API that is not there; every autoscaler that asks it says the same.
        return _Reason(
            f"no API {group.group(1)} is installed",
            (_api_service(group.group(1), snapshot),),
            "install metrics-server" if group.group(1) == "metrics.k8s.io" else "install the metrics adapter it needs",
            kubectl("get", "apiservices"),
        )
    request = _REQUEST.search(message)
    if request is not None:
        resource, container = request.groups()
        return _Reason(f"container {container} requests no {resource}", (), f"give container {container} a request for {resource}")
    request = _POD_REQUEST.search(message)
    if request is not None:
        return _Reason(f"its pods request no {request.group(1)}", (), f"give the pods a request for {request.group(1)}")
    if reason == "AmbiguousSelector":
        named = _OTHERS.search(message)
        names = named.group(1).split() if named is not None else []
        own = f"{autoscaler.namespace}/{autoscaler.name}"
        others = [Ref(autoscaler.KIND, *name.split("/", 1)) for name in names if name != own and "/" in name]
        who = ", ".join(ref.name for ref in others) or "another autoscaler"
        return _Reason(f"its pods are also scaled by {who}", tuple(others), "keep one autoscaler for these pods")
    if "pods might be unready" in message or "no pods returned by selector" in message or "no metrics returned from" in message:
        if _has_no_ready_pod(autoscaler.target, snapshot):
            return _Reason("no pod it scales is ready", (autoscaler.target,))
        return _Reason("there are no metrics of its pods", (), "see whether metrics-server reaches the nodes of these pods")
    return _Reason(_told(message) or reason)


def _has_no_ready_pod(target: Ref, snapshot: Snapshot) -> bool:
    return snapshot.is_read(Pod.KIND, target.namespace) and not any(pod.is_ready for pod in snapshot.pods_of(target))


def _api_service(group: str, snapshot: Snapshot) -> Ref:
    found = [api.ref for api in snapshot.seen(APIService) if api.spec.group == group]
    return found[-1] if found else Ref(APIService.KIND, "", f"v1beta1.{group}")


def _told(message: str) -> str:
    """The end of the chain of errors that the controller wraps into each other."""
    line = message.strip().partition("\n")[0]
    return line.removeprefix("the HPA was unable to compute the replica count: ")[:200]
