"""The check `workloads/pod-scheduling-gated`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import pods
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.pod import Pod
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(days=1)


@check(Pod, heading=Heading.OPERATIONS, severity=Severity.LOW, applies=pods.is_starting, basis=Basis.STATE)
def pod_scheduling_gated(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod whose scheduling gates have not been lifted for a day.

    Why: a gate is an intent, such as a queue for batch work; after a day it may be that its controller is gone.
    Fix: look at the controller that the gate is named after, or delete the pod if nothing will lift it.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/
    """
    if pod.status.phase != "Pending" or not pod.spec.scheduling_gates:
        return
    scheduled = pod.condition("PodScheduled")
    if scheduled is None or scheduled.reason != "SchedulingGated":
        return
    since = scheduled.last_transition_time or pod.created
    if since is not None and snapshot.taken_at - since < PATIENCE:
        return
    gates = ", ".join(gate.name for gate in pod.spec.scheduling_gates)
    why = f"{'gate' if len(pod.spec.scheduling_gates) == 1 else 'gates'} {gates} not lifted"
    yield Hit(
        f"held back from scheduling: {why}",
        path="spec.schedulingGates",
        state="held back from scheduling",
        why=why,
        since=Since(since) if since is not None else None,
        evidence=(Evidence(f"pod {pod.name}: PodScheduled is False, SchedulingGated", since),),
        confirm=kubectl("get", "pod", pod.name, "-o", "jsonpath={.spec.schedulingGates}", namespace=pod.namespace),
    )
