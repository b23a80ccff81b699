"""Who applies an object, as far as labels, annotations and owners tell."""

from typing import Final

import msgspec

from daytwo.model.gitops import Application, HelmRelease, Kustomization
from daytwo.model.metadata import Resource
from daytwo.model.snapshot import Snapshot


class Management(msgspec.Struct, frozen=True, gc=False):
    """`tool` in the words people use; `name` of what it applies the object as. `is_gitops`: it applies from Git, again and again."""

    tool: str
    name: str = ""
    is_gitops: bool = False

    def __str__(self) -> str:
        return f"{self.tool} ({self.name})" if self.name else self.tool


# What tools write on whatever they apply: label or annotation, tool, whether it applies from Git.
# Sources: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/
# https://fluxcd.io/flux/components/kustomize/kustomizations/ https://fluxcd.io/flux/components/helm/helmreleases/
# https://helm.sh/docs/topics/advanced/ and, for the others, objects as they lie in public repositories.
_MARKS: Final[tuple[tuple[str, str, bool], ...]] = (
    ("argocd.argoproj.io/tracking-id", "Argo CD", True),
    ("argocd.argoproj.io/instance", "Argo CD", True),
    ("kustomize.toolkit.fluxcd.io/name", "Flux", True),
    ("helm.toolkit.fluxcd.io/name", "Flux", True),
    ("configsync.gke.io/resource-id", "Config Sync", True),
    ("objectset.rio.cattle.io/id", "Rancher or k3s", False),
    ("meta.helm.sh/release-name", "Helm", False),
    ("kapp.k14s.io/app", "kapp", False),
    ("olm.owner", "OLM", False),
    ("addonmanager.kubernetes.io/mode", "the addon manager", False),
)
_INSTANCE: Final = "app.kubernetes.io/instance"

# Whose entries in managedFields are a tool's own.
# Sources: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#server-side-apply and the tools' own source.
APPLIERS: Final = frozenset(
    {"argocd-controller", "argocd-application-controller", "kustomize-controller", "helm-controller", "helm", "flux", "kapp"}
)


def management(resource: Resource, snapshot: Snapshot) -> Management | None:
    """Who applies an object; None where nothing tells."""
    labels, annotations = resource.labels, resource.annotations
    for mark, tool, is_gitops in _MARKS:
        value = annotations.get(mark, labels.get(mark))
        if value is not None:
            return Management(tool, value.partition(":")[0] if tool in ("Argo CD", "Flux", "Helm") else "", is_gitops)
    # Argo CD's older way: the label that Helm charts write as well, so that it takes an Application of that name.
    instance = labels.get(_INSTANCE, "")
    if instance and instance in snapshot.once(_applications):
        return Management("Argo CD", instance, is_gitops=True)
    owners = resource.metadata.owner_references
    return Management(f"{owners[0].kind} {owners[0].name}") if owners else None


def _applications(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(found.name for found in snapshot.seen(Application))


def is_delivered_from_git(snapshot: Snapshot) -> bool:
    """Whether anything in the cluster is. Raises Unseen where that may not be looked at."""
    return any(bool(snapshot.of(kind)) for kind in (Application, Kustomization, HelmRelease))
