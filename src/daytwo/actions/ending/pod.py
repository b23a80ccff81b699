"""One pod that is to end: what depends on it, and whether it is gone and replaced."""

from datetime import datetime, timedelta
from typing import Final

from daytwo.domains.disruption.elsewhere import Fate, replacement
from daytwo.model.facts import Facts, Needs
from daytwo.model.live import Live
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.pod import Pod
from daytwo.model.right import Right
from daytwo.model.snapshot import Snapshot
from daytwo.model.step import Step
from daytwo.model.target import Target, built_in
from daytwo.model.workload import DaemonSet, Job, ReplicaSet, StatefulSet, Workload

# What planning the end of pods reads. `get` is for verifying.
KINDS: Final = ("Pod", "PodDisruptionBudget", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job")
READS: Final = (
    Right("get", "", "pods"),
    Right("list", "", "pods"),
    Right("list", "policy", "poddisruptionbudgets"),
    Right("list", "apps", "deployments"),
    Right("get", "apps", "replicasets"),
    Right("list", "apps", "replicasets"),
    Right("get", "apps", "statefulsets"),
    Right("list", "apps", "statefulsets"),
    Right("list", "apps", "daemonsets"),
    Right("list", "batch", "jobs"),
)

_CRITICAL_CLASSES: Final = ("system-cluster-critical", "system-node-critical")
# Only these want a number of pods at all times; a Job counts those that ended, a DaemonSet its nodes.
_COUNTED: Final = (ReplicaSet.KIND, StatefulSet.KIND)
# The clock of whoever evicted and that of the API server may differ by so much.
_CLOCK_TOLERANCE: Final = timedelta(seconds=30)


def replacer(pod: Pod) -> Target | None:
    """The controller to ask for how many pods it wants; None for pods of which no number is wanted."""
    reference = pod.controller
    if reference is None or reference.kind not in _COUNTED:
        return None
    return built_in(reference.kind, pod.namespace, reference.name, uid=reference.uid)


def is_replaced(pod: Pod, snapshot: Snapshot) -> bool:
    """Whether another is made once it is gone, as far as can be seen: a controller that was not read is not believed."""
    return replacement(pod, snapshot) is None


def warnings(pod: Pod, snapshot: Snapshot) -> tuple[str, ...]:
    """What goes with the pod, apart from what its budget says."""
    name = f"{pod.namespace}/{pod.name}"
    found: list[str] = []
    if pod.spec.priority_class_name in _CRITICAL_CLASSES:
        found.append(f"{name} is critical to the cluster (priority class {pod.spec.priority_class_name})")
    elif pod.namespace == "kube-system":
        found.append(f"{name} belongs to the cluster's own services (namespace kube-system)")
    if any(volume.empty_dir is not None for volume in pod.spec.volumes):
        found.append(f"{name} keeps data on its node (emptyDir), which ends with it")
    gone = replacement(pod, snapshot)
    if gone is not None and gone.fate is Fate.NONE:
        found.append(f"{name} is not replaced: {gone.why}")
    workload = snapshot.workload(pod)
    if isinstance(workload, Job) or (pod.controller is not None and pod.controller.kind == Job.KIND):
        found.append(f"{name} is a Job's: what it has done so far may begin anew")
    elif isinstance(workload, Workload) and not isinstance(workload, DaemonSet) and workload.replicas == 1 and pod.is_ready:
        found.append(f"{name} is the only replica of {workload.ref}: it is away until another is ready")
    return tuple(found)


def unseen_kinds(snapshot: Snapshot, kinds: tuple[str, ...], namespace: str = "") -> tuple[str, ...]:
    """What the plan could not look at."""
    gaps = (snapshot.gap(kind, namespace) for kind in kinds)
    return tuple(dict.fromkeys(str(gap) for gap in gaps if gap is not None))


def share(pod: Pod, snapshot: Snapshot) -> float:
    """The share of its workload's replicas that one pod is."""
    workload = snapshot.workload(pod)
    return 1 / workload.replicas if isinstance(workload, Workload) and workload.replicas > 0 else 1.0


# -- looking again --------------------------------------------------------------------------------------------------


def watch(step: Step) -> Needs:
    target = _target(step)
    if step.replacer is None:
        return Needs(objects=(target,))
    return Needs(objects=(target, step.replacer), lists=(built_in(Pod.KIND, target.namespace, ""),))


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    """Done once this very pod is gone and its controller has as many as it wants, each Ready or known to find no node."""
    target = _target(step)
    live = facts.live(target)
    if live is not None and live.uid == target.uid:
        return Verification(Seen.NOT_YET, _still_there(live, facts.at), mark="there")
    if step.replacer is None:
        return Verification(Seen.DONE, "gone")
    controller = facts.live(step.replacer)
    if controller is None or controller.uid != step.replacer.uid:
        return Verification(Seen.DONE, f"gone, and so is {step.replacer}")
    asked = controller.at("/spec/replicas")
    wanted = asked if isinstance(asked, int) else 1
    mine = [pod for pod in _pods(step, facts) if pod.is_active and pod.controller is not None and pod.controller.uid == controller.uid]
    ready = sum(pod.is_ready for pod in mine)
    mark = f"{len(mine)} {ready}"
    if len(mine) < wanted:
        return Verification(Seen.NOT_YET, f"gone; {len(mine)} of {wanted} pods are there{_refused(controller)}", mark=mark)
    new = [pod for pod in mine if not pod.is_ready and pod.created is not None and pod.created >= done.at - _CLOCK_TOLERANCE]
    homeless = [pod for pod in new if _no_node(pod)]
    starting = [pod for pod in new if not _no_node(pod)]
    if starting:
        names = ", ".join(f"{pod.name} ({_state(pod)})" for pod in starting[:3])
        return Verification(Seen.NOT_YET, f"gone; {ready} of {wanted} ready, {names} starts", mark=mark)
    if homeless:
        return Verification(Seen.DONE, f"gone; {homeless[0].name} stands in for it and finds no node: {_no_node(homeless[0])}")
    return Verification(Seen.DONE, f"gone and replaced, {ready} of {wanted} ready")


def _target(step: Step) -> Target:
    assert step.change.target is not None
    return step.change.target


def _pods(step: Step, facts: Facts) -> list[Pod]:
    return [live.as_(Pod) for live in facts.listed(built_in(Pod.KIND, _target(step).namespace, ""))]


def _still_there(live: Live, at: datetime) -> str:
    """Why a pod is not gone yet."""
    pod = live.as_(Pod)
    ends_at = pod.metadata.deletion_timestamp
    if ends_at is None:
        return "not on its way yet"
    if ends_at > at:
        return f"ends within {round((ends_at - at).total_seconds())} s"
    if pod.metadata.finalizers:
        return f"held by {', '.join(pod.metadata.finalizers)}"
    return f"overdue: the kubelet of node {pod.spec.node_name} has not said that it ended" if pod.spec.node_name else "overdue"


def _refused(controller: Live) -> str:
    """Why a ReplicaSet cannot make its pods."""
    workload = controller.at("/status/conditions")
    for one in workload if isinstance(workload, list) else ():
        if isinstance(one, dict) and one.get("type") == "ReplicaFailure" and one.get("status") == "True":
            return f": {one.get('message')}"
    return ""


def _no_node(pod: Pod) -> str:
    scheduled = pod.condition("PodScheduled")
    is_refused = scheduled is not None and scheduled.status == "False" and scheduled.reason == "Unschedulable"
    return scheduled.message if scheduled is not None and is_refused else ""


def _state(pod: Pod) -> str:
    return next((status.waiting_reason for status in pod.statuses if status.waiting_reason), pod.status.phase or "new")
