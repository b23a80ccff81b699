"""The check `operations/runbook-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.operations.care import RunbookKeys, is_looked_after, require_namespace
from daytwo.domains.operations.runbooks import runbook
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, Deployment, Rollout, StatefulSet, Workload


@check(
    Deployment,
    StatefulSet,
    DaemonSet,
    Rollout,
    heading=Heading.OPERATIONS,
    severity=Severity.LOW,
    applies=is_looked_after,
    options=RunbookKeys,
    by_hand="the runbook has to be written first",
)
def runbook_missing(workload: Workload, snapshot: Snapshot, options: RunbookKeys) -> Iterator[Hit]:
    """A service that names no runbook.

    Why: who is woken up at night may never have seen it, and begins with finding out what it is and what may be done to it.
    Fix: write down how to tell what ails it and what to do, beside its manifests, and name the file or its address in an annotation.
    Source: https://kubernetes.io/blog/2021/04/20/annotating-k8s-for-humans/
    Not: Jobs and CronJobs; kube-system; a runbook that its namespace or its catalogue entry names.
    """
    if runbook(workload, snapshot, options.keys) is None:
        require_namespace(workload, snapshot)
        yield Hit(
            "names no runbook",
            path="metadata.annotations",
            fix=f"name its runbook in the annotation {options.keys[0]}" if options.keys else "name its runbook in the catalogue",
        )
