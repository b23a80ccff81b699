"""The check `readiness/killed-without-notice`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, StatefulSet

# Data is at stake, or only the time between two agents of a node.
_SEVERITIES: Final = {StatefulSet.KIND: Severity.HIGH, DaemonSet.KIND: Severity.LOW}


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.MEDIUM)
def killed_without_notice(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A grace period of zero: containers are killed at once.

    Why: no preStop hook runs and no SIGTERM is waited for, so requests break off at every rollout and drain, and what is in memory is
    lost. Of a StatefulSet the next pod may start while the old one still runs on a node that does not answer.
    Fix: drop terminationGracePeriodSeconds: the default is 30.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-forced
    Not: agents of nodes are held to it less: some networks replace theirs at once on purpose.
    """
    path, is_daemon = f"{runnable.pod_path}.terminationGracePeriodSeconds", isinstance(runnable, DaemonSet)
    if runnable.pod_spec.termination_grace_period_seconds == 0:
        yield Hit(
            "its containers are killed without being told to stop: its grace period is 0",
            path=path,
            severity=_SEVERITIES.get(runnable.ref.kind),
            repair=None if is_daemon else setting(path, 30),
            by_hand="an agent of nodes may be meant to be replaced at once" if is_daemon else "",
        )
