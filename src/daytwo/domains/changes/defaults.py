"""What the API server fills in by itself, the same on every cluster: nobody needs to be told of it.

Measured by creating objects of Kubernetes 1.36; a test creates them anew and finds nothing left over.
"""

from typing import Final

from daytwo.domains.changes.place import Element, Place
from daytwo.model.json import Json

# By the names of the field and of what it stands in; an element of a list stands for nothing. `*` is any.
_BY_PLACE: Final[dict[tuple[str, str], tuple[Json, ...]]] = {
    ("*", "imagePullPolicy"): ("Always", "IfNotPresent"),
    ("*", "terminationMessagePath"): ("/dev/termination-log",),
    ("*", "terminationMessagePolicy"): ("File",),
    ("*", "resources"): ({},),
    ("*", "protocol"): ("TCP",),
    ("httpGet", "scheme"): ("HTTP",),
    ("fieldRef", "apiVersion"): ("v1",),
    ("*", "defaultMode"): (420,),
    ("hostPath", "type"): ("",),
    ("spec", "dnsPolicy"): ("ClusterFirst",),
    ("spec", "schedulerName"): ("default-scheduler",),
    ("spec", "securityContext"): ({},),
    ("spec", "terminationGracePeriodSeconds"): (30,),
    ("spec", "restartPolicy"): ("Always",),
    ("spec", "enableServiceLinks"): (True,),
    ("spec", "priority"): (0,),
    ("spec", "preemptionPolicy"): ("PreemptLowerPriority",),
    ("spec", "serviceAccount"): ("default",),
    ("spec", "serviceAccountName"): ("default",),
    ("spec", "progressDeadlineSeconds"): (600,),
    ("spec", "revisionHistoryLimit"): (10,),
    ("spec", "replicas"): (1,),
    ("strategy", "type"): ("RollingUpdate",),
    ("updateStrategy", "type"): ("RollingUpdate",),
    ("rollingUpdate", "maxSurge"): ("25%", 0),
    ("rollingUpdate", "maxUnavailable"): ("25%", 1),
    ("rollingUpdate", "partition"): (0,),
    ("spec", "serviceName"): ("",),
    ("spec", "podManagementPolicy"): ("OrderedReady",),
    ("persistentVolumeClaimRetentionPolicy", "whenDeleted"): ("Retain",),
    ("persistentVolumeClaimRetentionPolicy", "whenScaled"): ("Retain",),
    ("spec", "backoffLimit"): (6,),
    ("spec", "completions"): (1,),
    ("spec", "parallelism"): (1,),
    ("spec", "completionMode"): ("NonIndexed",),
    ("spec", "podReplacementPolicy"): ("TerminatingOrFailed",),
    ("spec", "manualSelector"): (False,),
    ("spec", "suspend"): (False,),
    ("spec", "concurrencyPolicy"): ("Allow",),
    ("spec", "successfulJobsHistoryLimit"): (3,),
    ("spec", "failedJobsHistoryLimit"): (1,),
    ("spec", "type"): ("ClusterIP",),
    ("spec", "sessionAffinity"): ("None",),
    ("spec", "internalTrafficPolicy"): ("Cluster",),
    ("spec", "externalTrafficPolicy"): ("Cluster",),
    ("spec", "allocateLoadBalancerNodePorts"): (True,),
    ("spec", "ipFamilyPolicy"): ("SingleStack",),
    ("spec", "ipFamilies"): (["IPv4"], ["IPv6"]),
    ("spec", "tolerations"): (
        [
            {"effect": "NoExecute", "key": f"node.kubernetes.io/{taint}", "operator": "Exists", "tolerationSeconds": 300}
            for taint in ("not-ready", "unreachable")
        ],
    ),
    ("spec", "volumeMode"): ("Filesystem",),
    ("spec", "minReplicas"): (1,),
    ("spec", "policyTypes"): (["Ingress"], ["Ingress", "Egress"]),
    ("*", "metadata"): ({},),
    ("metadata", "finalizers"): (["kubernetes.io/pvc-protection"], ["kubernetes.io/pv-protection"]),
    ("", "type"): ("Opaque",),
    ("", "preemptionPolicy"): ("PreemptLowerPriority",),
    ("", "reclaimPolicy"): ("Delete",),
    ("", "volumeBindingMode"): ("Immediate",),
    ("volumeClaimTemplates", "apiVersion"): ("v1",),
    ("volumeClaimTemplates", "kind"): ("PersistentVolumeClaim",),
    ("volumeClaimTemplates", "status"): ({"phase": "Pending"},),
    ("spec", "finalizers"): (["kubernetes"],),
}
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_OF_PROBES: Final[dict[str, Json]] = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}


def is_default(place: Place, value: Json) -> bool:
    """Whether this value, where there was none, is what the API server puts there on any cluster."""
    names = [part if isinstance(part, str) else "" for part in place]
    last, parent = names[-1] if names else "", next((name for name in reversed(names[:-1]) if name), "")
    if parent in _PROBES and last in _OF_PROBES:
        return _is_same(value, _OF_PROBES[last])
    known = _BY_PLACE.get((parent, last)) or _BY_PLACE.get(("*", last)) or ()
    if any(_is_same(value, one) for one in known):
        return True
    if last == "targetPort" and isinstance(place[-2], Element):
        return ("port", value) in place[-2].keys
    if place[:2] == ("metadata", "labels"):
        return names[2:] == ["kubernetes.io/metadata.name"]
    return place == ("metadata", "namespace")


def is_provisional(kind: str, place: Place, is_new: bool) -> bool:
    """Whether the value means nothing in a dry run: bookkeeping, and what is drawn anew for each object."""
    if place[:1] == ("status",) or (place[:1] == ("metadata",) and place[1:2] and place[1] in _BOOKKEEPING):
        return True
    if place == ("metadata", "annotations", "deprecated.daemonset.template.generation"):
        return True
    if not is_new:
        return False
    if kind == "Service":
        return place[-1] in ("clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort")
    if kind == "Job":
        return place[:2] == ("spec", "selector") or place[-1] in _JOB_LABELS
    return kind == "Pod" and any(isinstance(part, Element) and _is_token(part) for part in place)


_BOOKKEEPING: Final = frozenset({"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"})
_JOB_LABELS: Final = frozenset({"controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name"})


def _is_token(element: Element) -> bool:
    return any(
        str(value).startswith("kube-api-access-") or value == "/var/run/secrets/kubernetes.io/serviceaccount" for _, value in element.keys
    )


def _is_same(one: Json, other: Json) -> bool:
    return type(one) is type(other) and one == other
