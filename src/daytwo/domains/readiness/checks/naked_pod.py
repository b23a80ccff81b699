"""The check `readiness/naked-pod`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.pod import Pod
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_HOOKS: Final = ("helm.sh/hook", "argocd.argoproj.io/hook")


@check(
    Pod,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    applies=lambda pod: not pod.is_mirror and not pod.is_finished,
    by_hand="which kind of workload should run it only its owner knows",
)
def naked_pod(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod that nothing controls.

    Why: when its node is drained, full or lost the pod is gone, and nobody starts another. `kubectl drain` stops at it.
    Fix: let a Deployment, a StatefulSet or a Job run it.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/#working-with-pods
    Not: static pods, hooks of Helm and Argo CD, which are meant to run once, and finished pods. One that does not restart is held
    against nobody as much: it was probably meant to run once.
    """
    if pod.controller is not None or any(hook in pod.annotations for hook in _HOOKS):
        return
    is_once = pod.spec.restart_policy != "Always"
    yield Hit("nothing controls it: once it is gone nobody starts another", severity=Severity.LOW if is_once else None)
