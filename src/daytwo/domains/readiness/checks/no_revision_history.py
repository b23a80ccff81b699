"""The check `readiness/no-revision-history`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.subjects import ROLLED_KINDS, Rolled, has_own_template
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(*ROLLED_KINDS, heading=Heading.DELIVERY, severity=Severity.MEDIUM, applies=has_own_template)
def no_revision_history(workload: Rolled, snapshot: Snapshot) -> Iterator[Hit]:
    """No former revision is kept: revisionHistoryLimit is 0.

    Why: `kubectl rollout undo` has nothing to go back to, so a bad release is mended only by another release.
    Fix: drop revisionHistoryLimit (the default keeps 10), or set it to 3 or more.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy
    """
    if workload.spec.revision_history_limit == 0:
        yield Hit(
            "no former revision is kept to roll back to", "spec.revisionHistoryLimit", repair=setting("spec.revisionHistoryLimit", 10)
        )
