"""The check `workloads/never-scheduled`."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import pods
from daytwo.model.command import Command, kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.node import Node
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(minutes=5)
DEFAULT_SCHEDULER: Final = "default-scheduler"

_CLAIM = re.compile(r"PodResourceClaim (\S+): (.*)", re.DOTALL)


@check(Pod, heading=Heading.RELIABILITY, severity=Severity.HIGH, harm=Harm.ACTIVE, applies=pods.is_starting, basis=Basis.STATE)
def never_scheduled(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A pending pod that no scheduler has looked at: it bears no PodScheduled condition at all.

    Three causes say nothing of themselves: its schedulerName names a scheduler that does not run; its nodeName names a node that
    does not exist; or a ResourceClaimTemplate that it names is missing.

    Why: it waits for ever, without an event, a condition or an error anywhere.
    Fix: correct the name, or start what it names.
    Source: https://kubernetes.io/docs/tasks/extend-kubernetes/configure-multiple-schedulers/
    Not: a pod that the scheduler looked at and could not place (unschedulable), gated pods, pods that a kubelet has taken up, and the
    first five minutes.
    """
    if pod.status.phase != "Pending" or pod.condition("PodScheduled") is not None or pod.spec.scheduling_gates:
        return
    if pod.status.start_time is not None or pod.statuses:
        return
    if pod.spec.node_name:
        yield from _bound_to_nothing(pod, snapshot)
        return
    if pod.created is not None and snapshot.taken_at - pod.created < PATIENCE:
        return
    claim = _claim(pod, snapshot)
    if claim is not None:
        yield claim
        return
    scheduler = pod.spec.scheduler_name
    is_default = scheduler == DEFAULT_SCHEDULER
    why = "the scheduler has not looked at it" if is_default else f"no scheduler named {scheduler} has looked at it"
    yield _hit(
        pod,
        why,
        "spec.schedulerName",
        Ref("Scheduler", "", scheduler),
        Evidence(f"pod {pod.name}: schedulerName {scheduler}, no PodScheduled condition", pod.created),
        kubectl("get", "pod", pod.name, "-o", "jsonpath={.spec.schedulerName}", namespace=pod.namespace),
    )


def _bound_to_nothing(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """The scheduler is passed over; pods of a node that does not exist are deleted after 40 s and made anew, so the owner's age counts."""
    name = pod.spec.node_name
    if snapshot.get(Node, "", name) is not None:
        return
    owner = snapshot.owner(pod)
    began = min((at for at in (pod.created, owner.created if owner is not None else None) if at is not None), default=None)
    if began is not None and snapshot.taken_at - began < PATIENCE:
        return
    yield _hit(
        pod,
        f"its nodeName is {name}, and there is no such node",
        "spec.nodeName",
        Ref("Node", "", name),
        Evidence(f"pod {pod.name}: spec.nodeName {name}, no PodScheduled condition", pod.created),
        kubectl("get", "nodes"),
        is_replaced=owner is not None,
    )


def _claim(pod: Pod, snapshot: Snapshot) -> Hit | None:
    """The device claim that could not be made: the scheduler waits for all of them."""
    if not pod.spec.resource_claims:
        return None
    templates = {claim.name: claim.resource_claim_template_name for claim in pod.spec.resource_claims}
    event = pods.newest(snapshot.events_of(pod), lambda event: event.reason == "FailedResourceClaimCreation")
    if event is None:
        unmade = sorted(name for name in templates.values() if name)
        if not unmade:
            return None
        text = f"pod {pod.name} names ResourceClaimTemplate {', '.join(unmade)}; no event is left that says what became of it"
        return _hit(pod, "its device claims have not been made", "spec.resourceClaims", None, Evidence(text), pods.show_events(pod))
    found = _CLAIM.search(event.message)
    claim, message = found.groups() if found is not None else ("", event.message)
    template = templates.get(claim, "")
    is_missing = template and "not found" in message
    return _hit(
        pod,
        f"ResourceClaimTemplate {template} does not exist" if is_missing else f"its device claim {claim} cannot be made".replace("  ", " "),
        f"spec.resourceClaims[{claim}]" if claim else "spec.resourceClaims",
        Ref("ResourceClaimTemplate", pod.namespace, template) if is_missing else None,
        Evidence(pods.brief(event.message), event.at),
        pods.show_events(pod),
    )


def _hit(pod: Pod, why: str, path: str, cause: Ref | None, evidence: Evidence, confirm: Command, is_replaced: bool = False) -> Hit:
    return Hit(
        f"never scheduled: {why}",
        path=path,
        state="never scheduled",
        why=why,
        # Where pods are deleted and made anew, the ones before are not seen any more.
        since=Since(pod.created, exact=not is_replaced) if pod.created is not None else None,
        evidence=(evidence,),
        because=(cause,) if cause is not None else (),
        confirm=confirm,
    )
