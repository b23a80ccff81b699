"""The check `readiness/restart-policy-refused`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.pod import Pod
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, CustomWorkload, Job


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    applies=lambda runnable: not isinstance(runnable, Pod | CustomWorkload),
)
def restart_policy_refused(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A restartPolicy that the API server refuses for this kind.

    Why: the object cannot be created.
    Fix: use Always (or drop the field) for what runs for good, OnFailure or Never for Jobs and CronJobs, where absent means Always.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-template
    """
    policy, path = runnable.pod_spec.restart_policy, f"{runnable.pod_path}.restartPolicy"
    if isinstance(runnable, Job | CronJob):
        if policy == "Always":
            yield Hit(
                "its restartPolicy is Always, or absent, which is refused of a Job",
                path,
                by_hand="OnFailure starts the container again in its pod, Never makes a new pod: only its owner knows which",
            )
    elif policy != "Always":
        yield Hit(f"its restartPolicy is {policy}, which is refused of a {runnable.ref.kind}", path, repair=setting(path, "Always"))
