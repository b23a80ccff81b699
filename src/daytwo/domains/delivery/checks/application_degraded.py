"""The check `delivery/application-degraded`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Hit
from daytwo.model.gitops import Application
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Application, heading=Heading.DELIVERY, severity=Severity.HIGH, basis=Basis.STATE)
def application_degraded(application: Application, snapshot: Snapshot) -> Iterator[Hit]:
    """An Argo CD Application that is Degraded, or of which objects are Missing.

    Why: what was delivered does not work, or is not there.
    Fix: look at the objects that are named; the other findings say what ails them.
    Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/
    Not: Progressing, which is a rollout; Suspended, which somebody wanted; Unknown, which says nothing.
    """
    if application.health.status not in ("Degraded", "Missing"):
        return
    at_fault = [one for one in application.amiss if one.health in ("Degraded", "Missing")]
    objects = ", ".join(f"{one} is {one.health.lower()}" for one in at_fault[:3]) + (" and others" if len(at_fault) > 3 else "")
    detail = objects or application.health.message
    yield Hit(
        f"is {application.health.status.lower()}{f': {detail}' if detail else ''}",
        path="status.health.status",
        fix="look at the objects that are not healthy",
        because=tuple(ref for one in at_fault if snapshot.find(ref := Ref(one.kind, one.namespace, one.name)) is not None),
        confirm=kubectl("get", "applications.argoproj.io", application.name, "-o", "yaml", namespace=application.namespace),
    )
