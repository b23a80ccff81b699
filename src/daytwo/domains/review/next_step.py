"""What to do next: one read that confirms, then at most one repair, and only where it is safe."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from daytwo.domains.review.change import RolloutSeen, gitops_owner
from daytwo.model.command import Command, Next, act, kubectl
from daytwo.model.finding import Finding
from daytwo.model.metadata import Resource
from daytwo.model.problem import ChangeSeen
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, Deployment, Job, Rollout

# Faults that a bad revision causes, and that going back to the one before therefore ends.
_UNDONE_BY_ROLLBACK: Final = frozenset(
    {
        "workloads/crash-looping",
        "workloads/oom-killed",
        "workloads/container-not-created",
        "workloads/image-not-pullable",
        "workloads/init-container-stuck",
        "workloads/long-not-ready",
        "workloads/rollout-stuck",
        "workloads/under-replicated",
    }
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the choice of a next step depends on."""

    head: Finding
    cause: Ref
    workload: Ref | None
    rollout: RolloutSeen | None
    change: ChangeSeen | None
    snapshot: Snapshot


def next_step(situation: Situation) -> Next:
    """The next step for a problem, told by the check that heads it."""
    choose = _BY_CHECK.get(situation.head.check)
    if choose is not None:
        return choose(situation)
    if situation.head.check in _UNDONE_BY_ROLLBACK:
        return _rollback(situation)
    return Next(situation.head.hit.confirm or _look_at(situation.head.subject), note=situation.head.hit.fix)


def _rollback(situation: Situation) -> Next:
    confirm = situation.head.hit.confirm or _look_at(situation.head.subject)
    fix = situation.head.hit.fix
    rollout, change = situation.rollout, situation.change
    if rollout is None or situation.workload is None or rollout.workload.kind != Deployment.KIND:
        return Next(confirm, note=fix)
    # Only a fault that began with the revision ends with it; a rollout that never completed is such a fault by itself.
    began_with_it = (change is not None and change.kind == "rollout") or situation.head.check == "workloads/rollout-stuck"
    if not began_with_it:
        return Next(confirm, note=fix)
    if situation.cause.kind == "Registry":
        return Next(confirm, note="the registry or its credentials are at fault: an undo would not help")
    if not rollout.previous_was_available:
        return Next(confirm, note=f"revision {rollout.previous} is not known to have worked, so going back is not suggested")
    if not rollout.differences or rollout.differences[0].startswith("restarted by hand"):
        return Next(confirm, note=f"revision {rollout.previous} asks for the same: going back would change nothing")
    deployment = situation.snapshot.find(situation.workload)
    keeper = gitops_owner(deployment) if deployment is not None else ""
    if keeper:
        return Next(
            confirm, note=f"{keeper} keeps this Deployment: revert the change in Git, an undo here would itself be undone within minutes"
        )
    if _migrates(deployment, rollout):
        return Next(
            confirm, note=f"init containers differ from revision {rollout.previous}: if they migrate data, going back may not be safe"
        )
    deployment_name, namespace = f"deployment/{rollout.workload.name}", rollout.workload.namespace
    return Next(confirm, act("rollout-undo", deployment_name, f"--to-revision={rollout.previous}", namespace=namespace))


def _migrates(deployment: Resource | None, rollout: RolloutSeen) -> bool:
    if not isinstance(deployment, Deployment):
        return False
    init_names = {container.name for container in deployment.template.spec.init_containers if not container.is_sidecar}
    return any(f" {name} " in f"{words} " for name in init_names for words in rollout.differences)


def _node_lost(situation: Situation) -> Next:
    node = situation.cause.name if situation.cause.kind == "Node" else situation.head.subject.name
    return Next(
        situation.head.hit.confirm or kubectl("get", "pods", "-A", "--field-selector", f"spec.nodeName={node}"),
        note="restart the machine outside Kubernetes; force-delete nothing while it may still run: two writers on one volume lose data",
    )


def _failed_job(situation: Situation) -> Next:
    head = situation.head
    confirm = head.hit.confirm or kubectl("logs", f"job/{head.subject.name}", "--all-pods", "--tail=50", namespace=head.subject.namespace)
    owner = situation.snapshot.find(head.owner)
    if isinstance(owner, CronJob) and head.subject.kind == Job.KIND:
        name = f"{owner.name[:40]}-again"
        again = kubectl("create", "job", name, f"--from=cronjob/{owner.name}", namespace=owner.namespace)
        return Next(confirm, note=f"if running it twice is safe: {again}")
    return Next(confirm, note=head.hit.fix)


def _paused(situation: Situation) -> Next:
    subject = situation.head.subject
    target = f"deployment/{subject.name}"
    found = situation.snapshot.find(subject)
    if not isinstance(found, Deployment) or gitops_owner(found):
        return Next(situation.head.hit.confirm, note="resume it with the tool that paused it")
    confirm = situation.head.hit.confirm or kubectl("rollout", "history", target, namespace=subject.namespace)
    resume = act("rollout-resume", target, namespace=subject.namespace)
    return Next(confirm, note=f"if nobody means it to be paused: {resume}")


def _look_at(subject: Ref) -> Command | None:
    """A plain read of the object itself; None for causes that are no objects."""
    if subject.kind in ("Image", "Registry", "Capacity", "Zone", "ControlPlane") or not subject.name:
        return None
    kind = subject.kind.lower() if subject.kind != Rollout.KIND else "rollouts.argoproj.io"
    return kubectl("describe", kind, subject.name, namespace=subject.namespace)


_BY_CHECK: Final[dict[str, Callable[[Situation], Next]]] = {
    "nodes/not-ready": _node_lost,
    "workloads/failed-job": _failed_job,
    "workloads/rollout-paused": _paused,
}


def named_checks() -> frozenset[str]:
    """Every check that this module names, for the test that they exist."""
    return _UNDONE_BY_ROLLBACK | frozenset(_BY_CHECK)
