"""The check `delivery/sync-failed`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.gitops import Application, FluxObject, HelmRelease, Kustomization
from daytwo.model.metadata import Resource
from daytwo.model.moment import duration
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot

# Flux tries again by itself, and a dependency that is not ready yet is reported the same way.
_GRACE: Final = timedelta(minutes=10)


@check(Application, Kustomization, HelmRelease, heading=Heading.DELIVERY, severity=Severity.HIGH, basis=Basis.STATE)
def sync_failed(resource: Resource, snapshot: Snapshot) -> Iterator[Hit]:
    """Argo CD's or Flux's last attempt to apply what Git says failed.

    Why: what was merged is not what runs, in part or at all, and later changes wait behind it.
    Fix: read the message: mostly a manifest that the API refuses, a hook that fails, or a chart that does not render.
    Source: https://fluxcd.io/flux/components/kustomize/kustomizations/#conditions
    Not: what is suspended; a Flux object that has not been ready for less than ten minutes, or is at work.
    """
    if isinstance(resource, Application):
        operation = resource.operation
        if operation is not None and operation.phase in ("Failed", "Error"):
            yield Hit(
                f"its last sync {'failed' if operation.phase == 'Failed' else 'ended with an error'}: {operation.message}",
                path="status.operationState.phase",
                fix="read the message, repair the manifest, and sync again",
                evidence=(Evidence("the sync ended", operation.finished_at),),
                confirm=kubectl("get", "applications.argoproj.io", resource.name, "-o", "yaml", namespace=resource.namespace),
            )
        return
    if not isinstance(resource, FluxObject) or resource.spec.suspend:
        return
    ready, at_work = resource.condition("Ready"), resource.condition("Reconciling")
    if ready is None or ready.status != "False" or (at_work is not None and at_work.status == "True"):
        return
    since = ready.last_transition_time
    if since is not None and snapshot.taken_at - since < _GRACE:
        return
    plural = "helmreleases.helm" if isinstance(resource, HelmRelease) else "kustomizations.kustomize"
    yield Hit(
        f"is not ready{f' for {duration(snapshot.taken_at - since)}' if since is not None else ''}: {ready.reason}: {ready.message}",
        path="status.conditions",
        since=Since(since) if since is not None else None,
        fix="read the message, and repair what Git says or where it comes from",
        confirm=kubectl("get", f"{plural}.toolkit.fluxcd.io", resource.name, "-o", "yaml", namespace=resource.namespace),
    )
