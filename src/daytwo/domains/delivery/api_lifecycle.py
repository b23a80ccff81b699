"""Until when the API server serves each version of a built-in kind, and what takes its place.

Source: `zz_generated.prerelease-lifecycle.go` of k8s.io/api, k8s.io/apiextensions-apiserver and k8s.io/kube-aggregator, releases 0.32.3,
0.36.2 and 0.37.0 (a test compares them where they lie in a module cache). Versions that these releases no longer know, and those that
went earlier than their lifecycle said, are from the API paths in the consecutive releases of the official Python client, 18 to 37.
"""

from typing import Final, NamedTuple

import msgspec

NEWEST: Final = 37
"""The newest minor version whose lifecycles are known here; what is not judged for a certain cluster is judged for this one."""


class Lifecycle(msgspec.Struct, frozen=True, gc=False):
    """One kind in one version. `deprecated` and `removed` are minor versions of Kubernetes; `removed` None: no end is set.

    `instead` is the version to write, served from `since` on; empty where nothing takes its place. `is_same`: a manifest means the
    same there, field for field and default for default.
    """

    deprecated: int
    removed: int | None
    instead: str = ""
    since: int = 0
    is_same: bool = False


class _Row(NamedTuple):
    api_version: str
    kinds: str
    deprecated: int
    removed: int | None
    instead: str = ""
    since: int = 0


_ROWS: Final = (
    _Row("apps/v1beta1", "ControllerRevision Deployment StatefulSet", 8, 16, "apps/v1", 9),
    _Row("apps/v1beta2", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet", 9, 16, "apps/v1", 9),
    _Row("extensions/v1beta1", "DaemonSet Deployment ReplicaSet", 8, 16, "apps/v1", 9),
    _Row("extensions/v1beta1", "NetworkPolicy", 9, 16, "networking.k8s.io/v1", 7),
    _Row("extensions/v1beta1", "PodSecurityPolicy", 10, 16),
    _Row(
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
        16,
        22,
        "admissionregistration.k8s.io/v1",
        16,
    ),
    _Row("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", 16, 22, "apiextensions.k8s.io/v1", 16),
    _Row("apiregistration.k8s.io/v1beta1", "APIService", 19, 22, "apiregistration.k8s.io/v1", 10),
    _Row("authentication.k8s.io/v1beta1", "TokenReview", 19, 22, "authentication.k8s.io/v1", 6),
    _Row(
        "authorization.k8s.io/v1beta1",
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview",
        19,
        22,
        "authorization.k8s.io/v1",
        19,
    ),
    _Row("authorization.k8s.io/v1beta1", "SubjectAccessReview", 19, 22, "authorization.k8s.io/v1", 6),
    _Row("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 19, 22, "certificates.k8s.io/v1", 19),
    _Row("coordination.k8s.io/v1beta1", "Lease", 19, 22, "coordination.k8s.io/v1", 14),
    _Row("extensions/v1beta1", "Ingress", 14, 22, "networking.k8s.io/v1", 19),
    _Row("networking.k8s.io/v1beta1", "Ingress IngressClass", 19, 22, "networking.k8s.io/v1", 19),
    _Row("rbac.authorization.k8s.io/v1beta1", "ClusterRole ClusterRoleBinding Role RoleBinding", 17, 22, "rbac.authorization.k8s.io/v1", 8),
    _Row("scheduling.k8s.io/v1beta1", "PriorityClass", 14, 22, "scheduling.k8s.io/v1", 14),
    _Row("storage.k8s.io/v1beta1", "CSIDriver", 19, 22, "storage.k8s.io/v1", 18),
    _Row("storage.k8s.io/v1beta1", "CSINode", 17, 22, "storage.k8s.io/v1", 17),
    _Row("storage.k8s.io/v1beta1", "StorageClass", 19, 22, "storage.k8s.io/v1", 6),
    _Row("storage.k8s.io/v1beta1", "VolumeAttachment", 19, 22, "storage.k8s.io/v1", 13),
    _Row("storage.k8s.io/v1alpha1", "CSIStorageCapacity", 21, 24, "storage.k8s.io/v1", 24),
    _Row("storage.k8s.io/v1alpha1", "VolumeAttachment", 21, 24, "storage.k8s.io/v1", 13),
    _Row("autoscaling/v2beta1", "HorizontalPodAutoscaler", 22, 25, "autoscaling/v2", 23),
    _Row("batch/v1beta1", "CronJob", 21, 25, "batch/v1", 21),
    _Row("discovery.k8s.io/v1beta1", "EndpointSlice", 21, 25, "discovery.k8s.io/v1", 21),
    _Row("events.k8s.io/v1beta1", "Event", 22, 25, "events.k8s.io/v1", 19),
    _Row("node.k8s.io/v1beta1", "RuntimeClass", 22, 25, "node.k8s.io/v1", 20),
    _Row("policy/v1beta1", "PodDisruptionBudget", 21, 25, "policy/v1", 21),
    _Row("policy/v1beta1", "PodSecurityPolicy", 21, 25),
    _Row("autoscaling/v2beta2", "HorizontalPodAutoscaler", 23, 26, "autoscaling/v2", 23),
    _Row("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema PriorityLevelConfiguration", 23, 26, "flowcontrol.apiserver.k8s.io/v1", 29),
    _Row("resource.k8s.io/v1alpha1", "ResourceClaim ResourceClaimTemplate", 26, 27, "resource.k8s.io/v1", 34),
    _Row("storage.k8s.io/v1beta1", "CSIStorageCapacity", 24, 27, "storage.k8s.io/v1", 24),
    _Row("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema PriorityLevelConfiguration", 26, 29, "flowcontrol.apiserver.k8s.io/v1", 29),
    _Row("networking.k8s.io/v1alpha1", "ClusterCIDR", 28, 29),
    _Row(
        "admissionregistration.k8s.io/v1alpha1",
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
        29,
        32,
        "admissionregistration.k8s.io/v1",
        30,
    ),
    _Row("authentication.k8s.io/v1alpha1", "SelfSubjectReview", 29, 32, "authentication.k8s.io/v1", 28),
    _Row("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema PriorityLevelConfiguration", 29, 32, "flowcontrol.apiserver.k8s.io/v1", 29),
    _Row("resource.k8s.io/v1alpha3", "PodSchedulingContext", 31, 32),
    _Row("authentication.k8s.io/v1beta1", "SelfSubjectReview", 30, 33, "authentication.k8s.io/v1", 28),
    _Row("coordination.k8s.io/v1alpha1", "LeaseCandidate", 32, 33),
    _Row("networking.k8s.io/v1alpha1", "IPAddress ServiceCIDR", 30, 33, "networking.k8s.io/v1", 33),
    _Row("resource.k8s.io/v1alpha2", "ResourceClaim ResourceClaimTemplate ResourceSlice", 31, 33, "resource.k8s.io/v1", 34),
    _Row("resource.k8s.io/v1alpha2", "ResourceClass PodSchedulingContext ResourceClaimParameters ResourceClassParameters", 31, 33),
    _Row(
        "admissionregistration.k8s.io/v1beta1",
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
        31,
        34,
        "admissionregistration.k8s.io/v1",
        30,
    ),
    _Row("certificates.k8s.io/v1alpha1", "PodCertificateRequest", 34, 35, "certificates.k8s.io/v1beta1", 35),
    _Row("storage.k8s.io/v1alpha1", "VolumeAttributesClass", 32, 35, "storage.k8s.io/v1", 34),
    _Row("storagemigration.k8s.io/v1alpha1", "StorageVersionMigration", 33, 35, "storagemigration.k8s.io/v1", 37),
    _Row("certificates.k8s.io/v1alpha1", "ClusterTrustBundle", 34, 37, "certificates.k8s.io/v1", 37),
    _Row("networking.k8s.io/v1beta1", "IPAddress ServiceCIDR", 34, 37, "networking.k8s.io/v1", 33),
    _Row("resource.k8s.io/v1alpha3", "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice", 33, 34, "resource.k8s.io/v1", 34),
    _Row("scheduling.k8s.io/v1alpha1", "Workload", 36, 37),
    _Row("scheduling.k8s.io/v1alpha2", "PodGroup Workload", 36, 37),
    _Row("storage.k8s.io/v1beta1", "VolumeAttributesClass", 34, 37, "storage.k8s.io/v1", 34),
    _Row(
        "admissionregistration.k8s.io/v1alpha1",
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding",
        35,
        38,
        "admissionregistration.k8s.io/v1",
        36,
    ),
    _Row("coordination.k8s.io/v1alpha2", "LeaseCandidate", 35, 38, "coordination.k8s.io/v1beta1", 33),
    _Row("resource.k8s.io/v1beta1", "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice", 35, 38, "resource.k8s.io/v1", 34),
    _Row("coordination.k8s.io/v1beta1", "LeaseCandidate", 36, 39),
    _Row("resource.k8s.io/v1alpha3", "DeviceTaintRule", 36, 39, "resource.k8s.io/v1", 37),
    _Row("resource.k8s.io/v1beta2", "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice", 36, 39, "resource.k8s.io/v1", 34),
    _Row(
        "admissionregistration.k8s.io/v1beta1",
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding",
        37,
        40,
        "admissionregistration.k8s.io/v1",
        36,
    ),
    _Row("certificates.k8s.io/v1beta1", "ClusterTrustBundle PodCertificateRequest", 37, 40, "certificates.k8s.io/v1", 37),
    _Row("storagemigration.k8s.io/v1beta1", "StorageVersionMigration", 37, 40, "storagemigration.k8s.io/v1", 37),
    _Row("resource.k8s.io/v1alpha3", "ResourcePoolStatusRequest", 39, 42),
    _Row("resource.k8s.io/v1beta2", "DeviceTaintRule", 39, 42, "resource.k8s.io/v1", 37),
    _Row("lifecycle.k8s.io/v1alpha1", "EvictionRequest", 40, 43),
    _Row("scheduling.k8s.io/v1beta1", "PodGroup Workload", 40, 43),
    # The API server warns of it and sets no end.
    # Source: https://kubernetes.io/blog/2025/04/24/endpoints-deprecation/
    _Row("v1", "Endpoints", 33, None, "discovery.k8s.io/v1 EndpointSlice", 21),
)

# Versions that differ in nothing: the messages in `generated.proto` of both versions are the same, and the migration guide says
# "no notable changes". A PodDisruptionBudget differs only where its selector is empty.
# Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
_SAME: Final = {
    "admissionregistration.k8s.io/v1beta1": (
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding"
    ),
    "apiregistration.k8s.io/v1beta1": "APIService",
    "autoscaling/v2beta2": "HorizontalPodAutoscaler",
    "batch/v1beta1": "CronJob",
    "coordination.k8s.io/v1beta1": "Lease",
    "flowcontrol.apiserver.k8s.io/v1beta3": "FlowSchema",
    "networking.k8s.io/v1beta1": "IPAddress IngressClass ServiceCIDR",
    "node.k8s.io/v1beta1": "RuntimeClass",
    "policy/v1beta1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1beta1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "resource.k8s.io/v1beta2": "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice",
    "scheduling.k8s.io/v1beta1": "PriorityClass",
    "storage.k8s.io/v1beta1": "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass",
}

LIFECYCLES: Final[dict[tuple[str, str], Lifecycle]] = {
    (row.api_version, kind): Lifecycle(
        row.deprecated, row.removed, row.instead, row.since, is_same=kind in _SAME.get(row.api_version, "").split()
    )
    for row in _ROWS
    for kind in row.kinds.split()
}


def lifecycle(api_version: str, kind: str) -> Lifecycle | None:
    """The lifecycle of a kind (by its bare name) in a version; None for what stays, and for kinds that are not built in."""
    return LIFECYCLES.get((api_version, kind))
