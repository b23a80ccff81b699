"""The check `delivery/reconciliation-suspended`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.gitops import SKIPS_RECONCILING, Application, FluxObject, HelmRelease, Kustomization
from daytwo.model.metadata import Resource
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Application,
    Kustomization,
    HelmRelease,
    heading=Heading.DELIVERY,
    severity=Severity.LOW,
    by_hand="whoever suspended it had a reason: resuming applies everything that changed since",
)
def reconciliation_suspended(resource: Resource, snapshot: Snapshot) -> Iterator[Hit]:
    """A Kustomization, HelmRelease or Application whose reconciliation is suspended.

    Why: nothing that is merged arrives, drift is not undone, and it looks healthy: it was meant for the length of an incident.
    Fix: resume it (`flux resume`, or remove the annotation), after a look at what changed meanwhile.
    Source: https://fluxcd.io/flux/components/kustomize/kustomizations/#suspend
    """
    if isinstance(resource, FluxObject):
        if resource.spec.suspend:
            yield Hit("its reconciliation is suspended", path="spec.suspend", fix="remove suspend: true, or say until when it holds")
    elif resource.annotations.get(SKIPS_RECONCILING) == "true":
        path = f"metadata.annotations[{SKIPS_RECONCILING}]"
        yield Hit("Argo CD is told to leave it alone", path=path, fix=f"remove the annotation {SKIPS_RECONCILING}")
