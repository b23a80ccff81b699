"""The check `readiness/killed-without-notice`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import StatefulSet


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.MEDIUM)
def killed_without_notice(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A grace period of zero: containers are killed at once.

    Why: no preStop hook runs and no SIGTERM is waited for, so requests break off at every rollout and drain, and what is in memory is
    lost. Of a StatefulSet the next pod may start while the old one still runs on a node that does not answer.
    Fix: drop terminationGracePeriodSeconds: the default is 30.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-forced
    """
    if runnable.pod_spec.termination_grace_period_seconds == 0:
        is_stateful = isinstance(runnable, StatefulSet)
        yield Hit(
            "its containers are killed without being told to stop: its grace period is 0",
            path=f"{runnable.pod_path}.terminationGracePeriodSeconds",
            severity=Severity.HIGH if is_stateful else None,
            repair=setting(f"{runnable.pod_path}.terminationGracePeriodSeconds", 30),
        )
