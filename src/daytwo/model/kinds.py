"""Every kind daytwo reads: its class, its group and version, its plural, its scope."""

from typing import Final

import msgspec

from daytwo.model import (
    autoscaler,
    config,
    control_plane,
    event,
    gitops,
    metrics,
    monitoring,
    network,
    network_policy,
    node,
    pod,
    policy,
    rbac,
    storage,
    vulnerability,
    workload,
)
from daytwo.model.metadata import Resource


class Kind(msgspec.Struct, frozen=True, gc=False):
    """One kind in the one version that daytwo asks for. `only_namespace` limits reading to where the kind matters."""

    type: type[Resource]
    group: str
    version: str
    plural: str
    is_namespaced: bool = True
    only_namespace: str = ""
    is_opt_in: bool = False

    @property
    def name(self) -> str:
        return self.type.KIND

    @property
    def path(self) -> str:
        """The URL prefix of its group and version."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"


KINDS: Final[tuple[Kind, ...]] = (
    Kind(control_plane.Namespace, "", "v1", "namespaces", is_namespaced=False),
    Kind(node.Node, "", "v1", "nodes", is_namespaced=False),
    Kind(pod.Pod, "", "v1", "pods"),
    Kind(network.Service, "", "v1", "services"),
    Kind(config.ConfigMap, "", "v1", "configmaps"),
    Kind(config.Secret, "", "v1", "secrets"),
    Kind(config.ServiceAccount, "", "v1", "serviceaccounts"),
    Kind(storage.PersistentVolumeClaim, "", "v1", "persistentvolumeclaims"),
    Kind(storage.PersistentVolume, "", "v1", "persistentvolumes", is_namespaced=False),
    Kind(policy.ResourceQuota, "", "v1", "resourcequotas"),
    Kind(policy.LimitRange, "", "v1", "limitranges"),
    Kind(event.Event, "", "v1", "events"),
    Kind(workload.Deployment, "apps", "v1", "deployments"),
    Kind(workload.ReplicaSet, "apps", "v1", "replicasets"),
    Kind(workload.StatefulSet, "apps", "v1", "statefulsets"),
    Kind(workload.DaemonSet, "apps", "v1", "daemonsets"),
    Kind(workload.ControllerRevision, "apps", "v1", "controllerrevisions"),
    Kind(workload.Job, "batch", "v1", "jobs"),
    Kind(workload.CronJob, "batch", "v1", "cronjobs"),
    Kind(policy.HorizontalPodAutoscaler, "autoscaling", "v2", "horizontalpodautoscalers"),
    Kind(policy.PodDisruptionBudget, "policy", "v1", "poddisruptionbudgets"),
    Kind(network.Ingress, "networking.k8s.io", "v1", "ingresses"),
    Kind(network.IngressClass, "networking.k8s.io", "v1", "ingressclasses", is_namespaced=False),
    Kind(network.NetworkPolicy, "networking.k8s.io", "v1", "networkpolicies"),
    Kind(network.EndpointSlice, "discovery.k8s.io", "v1", "endpointslices"),
    Kind(storage.StorageClass, "storage.k8s.io", "v1", "storageclasses", is_namespaced=False),
    Kind(storage.VolumeAttachment, "storage.k8s.io", "v1", "volumeattachments", is_namespaced=False),
    Kind(policy.PriorityClass, "scheduling.k8s.io", "v1", "priorityclasses", is_namespaced=False),
    Kind(node.Lease, "coordination.k8s.io", "v1", "leases", only_namespace="kube-node-lease"),
    Kind(
        control_plane.ValidatingWebhookConfiguration,
        "admissionregistration.k8s.io",
        "v1",
        "validatingwebhookconfigurations",
        is_namespaced=False,
    ),
    Kind(
        control_plane.MutatingWebhookConfiguration,
        "admissionregistration.k8s.io",
        "v1",
        "mutatingwebhookconfigurations",
        is_namespaced=False,
    ),
    Kind(control_plane.APIService, "apiregistration.k8s.io", "v1", "apiservices", is_namespaced=False),
    Kind(control_plane.CustomResourceDefinition, "apiextensions.k8s.io", "v1", "customresourcedefinitions", is_namespaced=False),
    Kind(control_plane.CertificateSigningRequest, "certificates.k8s.io", "v1", "certificatesigningrequests", is_namespaced=False),
    Kind(rbac.Role, rbac.GROUP, "v1", "roles"),
    Kind(rbac.ClusterRole, rbac.GROUP, "v1", "clusterroles", is_namespaced=False),
    Kind(rbac.RoleBinding, rbac.GROUP, "v1", "rolebindings"),
    Kind(rbac.ClusterRoleBinding, rbac.GROUP, "v1", "clusterrolebindings", is_namespaced=False),
    Kind(network.Gateway, "gateway.networking.k8s.io", "v1", "gateways"),
    Kind(network.HTTPRoute, "gateway.networking.k8s.io", "v1", "httproutes"),
    Kind(network.GRPCRoute, "gateway.networking.k8s.io", "v1", "grpcroutes"),
    Kind(network.ReferenceGrant, "gateway.networking.k8s.io", "v1beta1", "referencegrants"),
    Kind(workload.Rollout, "argoproj.io", "v1alpha1", "rollouts"),
    Kind(control_plane.ManagedCertificate, "cert-manager.io", "v1", "certificates"),
    Kind(autoscaler.VerticalPodAutoscaler, "autoscaling.k8s.io", "v1", "verticalpodautoscalers"),
    Kind(autoscaler.ScaledObject, "keda.sh", "v1alpha1", "scaledobjects"),
    Kind(network_policy.CiliumNetworkPolicy, "cilium.io", "v2", "ciliumnetworkpolicies"),
    Kind(network_policy.CiliumClusterwideNetworkPolicy, "cilium.io", "v2", "ciliumclusterwidenetworkpolicies", is_namespaced=False),
    Kind(network_policy.CalicoNetworkPolicy, "projectcalico.org", "v3", "networkpolicies"),
    Kind(network_policy.CalicoGlobalNetworkPolicy, "projectcalico.org", "v3", "globalnetworkpolicies", is_namespaced=False),
    Kind(network_policy.StoredCalicoNetworkPolicy, "crd.projectcalico.org", "v1", "networkpolicies"),
    Kind(network_policy.StoredCalicoGlobalNetworkPolicy, "crd.projectcalico.org", "v1", "globalnetworkpolicies", is_namespaced=False),
    Kind(network_policy.AdminNetworkPolicy, "policy.networking.k8s.io", "v1alpha1", "adminnetworkpolicies", is_namespaced=False),
    Kind(
        network_policy.BaselineAdminNetworkPolicy,
        "policy.networking.k8s.io",
        "v1alpha1",
        "baselineadminnetworkpolicies",
        is_namespaced=False,
    ),
    Kind(network_policy.ClusterNetworkPolicy, "policy.networking.k8s.io", "v1alpha2", "clusternetworkpolicies", is_namespaced=False),
    Kind(monitoring.ServiceMonitor, "monitoring.coreos.com", "v1", "servicemonitors"),
    Kind(monitoring.PodMonitor, "monitoring.coreos.com", "v1", "podmonitors"),
    Kind(monitoring.Prometheus, "monitoring.coreos.com", "v1", "prometheuses"),
    Kind(monitoring.PrometheusAgent, "monitoring.coreos.com", "v1alpha1", "prometheusagents"),
    Kind(monitoring.VMServiceScrape, "operator.victoriametrics.com", "v1beta1", "vmservicescrapes"),
    Kind(monitoring.VMPodScrape, "operator.victoriametrics.com", "v1beta1", "vmpodscrapes"),
    Kind(monitoring.PodMonitoring, "monitoring.googleapis.com", "v1", "podmonitorings"),
    Kind(monitoring.ClusterPodMonitoring, "monitoring.googleapis.com", "v1", "clusterpodmonitorings", is_namespaced=False),
    Kind(gitops.Application, "argoproj.io", "v1alpha1", "applications"),
    Kind(gitops.Kustomization, "kustomize.toolkit.fluxcd.io", "v1", "kustomizations"),
    Kind(gitops.HelmRelease, "helm.toolkit.fluxcd.io", "v2", "helmreleases"),
    Kind(vulnerability.VulnerabilityReport, "aquasecurity.github.io", "v1alpha1", "vulnerabilityreports"),
    Kind(metrics.PodMetrics, "metrics.k8s.io", "v1beta1", "pods"),
    Kind(metrics.NodeMetrics, "metrics.k8s.io", "v1beta1", "nodes", is_namespaced=False),
)

BY_NAME: Final[dict[str, Kind]] = {kind.name: kind for kind in KINDS}
_BY_GROUP_KIND: Final[dict[tuple[str, str], str]] = {(kind.group, kind.name): kind.name for kind in KINDS}

WORKLOAD_KINDS: Final = ("Deployment", "StatefulSet", "DaemonSet", "Rollout", "ReplicaSet", "Job", "CronJob")


def kind_name(api_version: str, kind: str) -> str:
    """The unique name of a kind: bare for kinds daytwo reads, else with its group, `Service.serving.knative.dev`."""
    group = api_version.rpartition("/")[0]
    known = _BY_GROUP_KIND.get((group, kind))
    if known is not None:
        return known
    return f"{kind}.{group}" if group else kind
