"""The check `delivery/application-out-of-sync`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.gitops import Application
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Application, heading=Heading.DELIVERY, severity=Severity.MEDIUM, basis=Basis.STATE)
def application_out_of_sync(application: Application, snapshot: Snapshot) -> Iterator[Hit]:
    """An Argo CD Application whose objects are not as Git says, or that cannot be compared with Git.

    Why: what runs is not what was reviewed; the next sync changes more than the commit that sets it off.
    Fix: look at the difference (`argocd app diff`), then sync, or bring Git up to what runs.
    Source: https://argo-cd.readthedocs.io/en/stable/core_concepts/
    Not: while a sync is under way.
    """
    operation = application.operation
    if operation is not None and operation.phase == "Running":
        return
    status = application.sync.status
    if status not in ("OutOfSync", "Unknown"):
        return
    differing = [one for one in application.amiss if one.status == "OutOfSync"]
    error = next((one for one in application.conditions if one.type == "ComparisonError"), None)
    if status == "Unknown":
        what = f"cannot be compared with Git{f': {error.message}' if error is not None else ''}"
    else:
        automation = " although it syncs by itself" if application.is_automated else ""
        objects = f": {', '.join(map(str, differing[:3]))}{' and others' if len(differing) > 3 else ''}" if differing else ""
        what = f"is out of sync with Git{automation}{objects}"
    yield Hit(
        what,
        path="status.sync.status",
        fix="repair what keeps Argo CD from reading Git" if status == "Unknown" else "look at the difference, then sync it or change Git",
        evidence=(Evidence(f"the last sync: {operation.phase}", operation.finished_at),) if operation is not None else (),
        confirm=kubectl("get", "applications.argoproj.io", application.name, "-o", "yaml", namespace=application.namespace),
    )
