"""The check `operations/runbook-not-found`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.operations.care import RunbookKeys, is_looked_after
from daytwo.domains.operations.runbooks import is_placeholder, is_there, is_url, runbook
from daytwo.model.finding import Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.OPERATIONS,
    severity=Severity.MEDIUM,
    applies=is_looked_after,
    options=RunbookKeys,
    by_hand="the runbook has to be written, or found again",
)
def runbook_not_found(subject: Runnable, snapshot: Snapshot, options: RunbookKeys) -> Iterator[Hit]:
    """A workload whose runbook is a file that is not there, or a placeholder.

    Why: it is noticed by who needs it, in the middle of an incident.
    Fix: correct the path, or write the runbook.
    Source: https://kubernetes.io/blog/2021/04/20/annotating-k8s-for-humans/
    Not: addresses (http, https), which are not called. A path is looked for beside the manifest and below everything that was read;
    without files it is unknown.
    """
    found = runbook(subject, snapshot, options.keys)
    if found is None:
        return
    if is_placeholder(found.value):
        yield Hit(f'its runbook is a placeholder: "{found.value}" ({found.where})', path="metadata.annotations", fix="write the runbook")
        return
    if is_url(found.value):
        return
    if snapshot.ownership.files is None:
        raise Unseen(Gap("files", "runbooks", "no folder was read in which they could stand"))
    if not is_there(found.value, subject, snapshot):
        yield Hit(f"there is no file {found.value}, its runbook by {found.where}", path="metadata.annotations", fix="correct the path")
