"""The check `delivery/unmanaged`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.delivery.management import is_delivered_from_git, management
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot

# The cluster's own parts, and the tools that deliver: something has to come first.
_BEFORE: Final = frozenset(
    {"kube-system", "kube-public", "kube-node-lease", "argocd", "flux-system", "local-path-storage", "gke-managed-system"}
)


def _is_of_people(subject: Runnable) -> bool:
    return subject.namespace not in _BEFORE


@check(Runnable, heading=Heading.DELIVERY, severity=Severity.INFO, applies=_is_of_people, basis=Basis.STATE)
def unmanaged(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload that nothing manages, in a cluster where others are delivered from Git.

    Why: nobody can say where it comes from or how to build it anew, and it is not there after a restore from Git.
    Fix: bring its manifests into Git under an Application or a Kustomization.
    Source: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/
    Not: any workload of a cluster that has neither Applications nor Flux's objects; what an operator owns; what Helm, kapp,
    Rancher or OLM manage; kube-system and the namespaces of the tools themselves.
    """
    if is_delivered_from_git(snapshot) and management(subject, snapshot) is None:
        yield Hit(
            "nothing manages it: no Argo CD, Flux or Helm, and no owner",
            path="metadata",
            fix="bring it into Git, or delete it if nobody misses it",
        )
