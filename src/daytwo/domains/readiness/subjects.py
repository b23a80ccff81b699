"""Of whom the checks of this domain speak: what runs for good, what has replicas, what rolls a changed template out."""

from typing import Any, Final

from daytwo.model.pod import Pod
from daytwo.model.runnable import Runnable
from daytwo.model.workload import CronJob, CustomWorkload, DaemonSet, Deployment, Job, ReplicaSet, Rollout, StatefulSet

Replicated = Deployment | StatefulSet | Rollout | CustomWorkload
Rolled = Deployment | StatefulSet | DaemonSet | Rollout

REPLICATED_KINDS: Final = (Deployment, StatefulSet, Rollout, CustomWorkload)
ROLLED_KINDS: Final = (Deployment, StatefulSet, DaemonSet, Rollout)


def runs_for_good(runnable: Runnable) -> bool:
    """Whether its pods are meant to run until somebody stops them."""
    if isinstance(runnable, Job | CronJob):
        return False
    return not isinstance(runnable, Pod) or runnable.spec.restart_policy == "Always"


def has_own_template(workload: Any) -> bool:
    """A Rollout may refer to a Deployment instead, and a ReplicaSet may be another's."""
    if isinstance(workload, Rollout):
        return workload.spec.workload_ref is None
    return not (isinstance(workload, ReplicaSet) and workload.controller is not None)
