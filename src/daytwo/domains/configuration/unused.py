"""Which ConfigMaps and Secrets may be called unused at all."""

from daytwo.model.config import ConfigMap, Secret, ServiceAccount
from daytwo.model.network import Ingress
from daytwo.model.pod import Pod
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, DaemonSet, Deployment, Job, StatefulSet

_SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})
# Other types have users of their own: ingresses, the kubelet, Helm, nodes that join.
_TYPES = frozenset({"Opaque", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth"})
_USUAL = frozenset(
    {"app", "k8s-app", "name", "chart", "release", "heritage", "component", "tier", "version", "team", "owner", "environment", "env"}
)
_USUAL_PREFIXES = (
    "app.kubernetes.io/",
    "helm.sh/",
    "meta.helm.sh/",
    "kubectl.kubernetes.io/",
    "argocd.argoproj.io/",
    "kustomize.toolkit.fluxcd.io/",
)
# The kubelet and the controllers write these into every namespace.
_OF_KUBERNETES = frozenset({"kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"})


def may_be_unused(subject: ConfigMap | Secret) -> bool:
    if subject.namespace in _SYSTEM or subject.metadata.owner_references or subject.name in _OF_KUBERNETES:
        return False
    if isinstance(subject, Secret) and subject.type not in _TYPES:
        return False
    return all(key in _USUAL or key.startswith(_USUAL_PREFIXES) for key in (*subject.labels, *subject.annotations))


def require_users(subject: ConfigMap | Secret, snapshot: Snapshot) -> None:
    """Raises Unseen unless whatever might refer to it was read."""
    for kind in (Deployment, StatefulSet, DaemonSet, CronJob, Job, Pod):
        if snapshot.is_of_files and not snapshot.is_read(kind.KIND):
            # A tree of files has the kinds that it needs.
            continue
        snapshot.require(kind.KIND, subject.namespace)
    if isinstance(subject, Secret) and not snapshot.is_of_files:
        snapshot.require(ServiceAccount.KIND, subject.namespace)
        snapshot.require(Ingress.KIND, subject.namespace)
