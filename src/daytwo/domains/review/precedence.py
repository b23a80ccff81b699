"""Which cause speaks first. An earlier cause takes the findings; later ones see what is left.

The order is that of proof: what lies deeper in the machinery explains what lies on top of it.
"""

from typing import Final

# The kinds that a cause may have, deepest first; a workload's own fault comes after all of these.
_CAUSE_KINDS: Final = (
    "ControlPlane",
    "Zone",
    "Node",
    "APIService",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "Scheduler",
    "ResourceQuota",
    "LimitRange",
    "Namespace",
    "ServiceAccount",
    "PriorityClass",
    "RuntimeClass",
    "CSIDriver",
    "StorageClass",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "VolumeAttachment",
    "ConfigMap",
    "Secret",
    "ResourceClaimTemplate",
    "Registry",
    "Image",
    "Capacity",
    "Service",
)
_CAUSE_RANK: Final = {kind: rank for rank, kind in enumerate(_CAUSE_KINDS)}

# Checks whose findings head a problem, most telling first. Findings of checks that are not listed come after these.
_HEADS: Final = (
    "control-plane/api-server-not-ready",
    "nodes/many-nodes-lost",
    "nodes/not-ready",
    "nodes/flapping",
    "nodes/under-pressure",
    "storage/claim-lost",
    "control-plane/webhook-down",
    "control-plane/apiservice-unavailable",
    "certificates/certificate-expiring",
    "certificates/ca-bundle-expiring",
    "control-plane/quota-near-full",
    "storage/claim-pending",
    "storage/attachment-stuck",
    "workloads/image-not-pullable",
    "workloads/container-not-created",
    "workloads/volume-not-mounted",
    "workloads/sandbox-stuck",
    "workloads/crash-looping",
    "workloads/init-container-stuck",
    "workloads/unschedulable",
    "workloads/never-scheduled",
    "workloads/evicted",
    "workloads/rejected-by-node",
    "workloads/oom-killed",
    "workloads/long-not-ready",
    "workloads/stuck-terminating",
    "workloads/failed-job",
    "workloads/job-cannot-start",
    "workloads/cronjob-misses",
    "workloads/cronjob-never-succeeded",
)
_HEAD_RANK: Final = {name: rank for rank, name in enumerate(_HEADS)}

# Findings that only say that something above the pods is short of them: they follow whatever explains it.
SYMPTOMS: Final = frozenset(
    {
        "workloads/rollout-stuck",
        "workloads/under-replicated",
        "workloads/daemonset-behind",
        "workloads/statefulset-behind",
        "workloads/restarted-recently",
        "network/service-without-ready-endpoints",
        "network/service-with-one",
        "network/ingress-without-backend",
        "network/route-without-backend",
        "autoscaling/hpa-without-metrics",
        "disruption/budget-blocks-every-eviction",
        "control-plane/warning-events",
    }
)


def cause_rank(kind: str) -> int:
    """The place of a kind of cause; the lower, the deeper."""
    return _CAUSE_RANK.get(kind, len(_CAUSE_KINDS))


def head_rank(check: str) -> int:
    """The place of a check among those that may head a problem; the lower, the more telling."""
    return _HEAD_RANK.get(check, len(_HEADS) + (check in SYMPTOMS))


def named_checks() -> frozenset[str]:
    """Every check that the order names, for the test that they exist."""
    return frozenset(_HEADS) | SYMPTOMS
