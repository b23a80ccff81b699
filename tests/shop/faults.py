"""Named faults: each is injected into the shop as it happens in life, and is done when the API shows it.

They hurt different workloads, so that all of them can be injected into one shop, in this order. What a controller writes
carries the time of the test: judge `aged(snapshot, fault.age)` (tests.shop.aging), where everything is that much older.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.servers.certificates import signing_request
from tests.servers.client import Object
from tests.servers.kubelet import annotations
from tests.servers.polling import until
from tests.shop.shop import Shop, hpa_condition, hpa_status, stamp, tls_secret

TODAY: Final = "today"
THIS_WEEK: Final = "this week"
HYGIENE: Final = "hygiene"

DEADLINE_SECONDS: Final = 4
"""progressDeadlineSeconds of the rollouts that get stuck: the ten minutes of life are not worth waiting for."""

LOST_NODE: Final = "ip-10-2-3-31"
CORDONED_NODE: Final = "ip-10-2-1-12"
FULL_NODE: Final = "ip-10-2-2-22"

Inject = Callable[[Shop], None]


@dataclass(frozen=True)
class Fault:
    """One fault: what it is called, the cause that a review must name, under which horizon, once it is so old."""

    name: str
    inject: Inject
    cause: str
    horizon: str
    age: timedelta


FAULTS: Final[dict[str, Fault]] = {}


def fault(cause: str, horizon: str, age: timedelta = timedelta(minutes=20)) -> Callable[[Inject], Inject]:
    """Registers a fault under the name of its function."""

    def register(inject: Inject) -> Inject:
        FAULTS[inject.__name__] = Fault(inject.__name__, inject, cause, horizon, age)
        return inject

    return register


# -- pods and rollouts ----------------------------------------------------------------------------------------------


@fault("Deployment payments/payments", TODAY)
def out_of_memory(shop: Shop) -> None:
    """A new revision goes live, then two of its three pods need more memory than their limit, again and again."""
    change = {"image": "registry.example.com/payments/payments:7.4.1", "env": [{"name": "WARM_CARD_TOKENS", "value": "all"}]}
    roll_out(shop, "payments", "payments", change)
    wait_ready(shop, "payments", "payments", 3)
    for pod in pods_of(shop, "payments", "payments")[:2]:
        annotate_pod(shop, pod, annotations("crash-loop", exit="137 OOMKilled", restarts="14"))
    wait_ready(shop, "payments", "payments", 1)
    wait_reason(shop, "payments", "payments", "CrashLoopBackOff", 2)


@fault("Deployment shop/cart", TODAY)
def crash_loop(shop: Shop) -> None:
    """All pods of a workload crash at start, without anyone having changed it."""
    for pod in pods_of(shop, "shop", "cart"):
        annotate_pod(shop, pod, annotations("crash-loop", exit="1 Error", restarts="9"))
    wait_ready(shop, "shop", "cart", 0)


@fault("Image registry.example.com/shop/web:4.19.0", TODAY)
def bad_image(shop: Shop) -> None:
    """A rollout to a tag that does not exist: the new pod cannot pull it, the old ones serve."""
    image = "registry.example.com/shop/web:4.19.0"
    roll_out(shop, "shop", "web", {"image": image}, annotations("image-pull"), DEADLINE_SECONDS)
    wait_reason(shop, "shop", "web", "ImagePullBackOff", 1)
    wait_stuck(shop, "shop", "web")


@fault("Deployment shop/api", TODAY)
def rollout_stuck(shop: Shop) -> None:
    """A rollout whose new pod never becomes ready: its readiness probe answers 503; the old ones serve."""
    image = "registry.example.com/shop/api:2.32.0"
    roll_out(shop, "shop", "api", {"image": image}, annotations("not-ready"), DEADLINE_SECONDS)
    wait_stuck(shop, "shop", "api")


@fault("ConfigMap shop/recommendation-flags", THIS_WEEK)
def missing_configmap(shop: Shop) -> None:
    """A rollout that refers to a ConfigMap nobody made: the container cannot be created."""
    change = {"envFrom": [{"configMapRef": {"name": "shop-config"}}, {"configMapRef": {"name": "recommendation-flags"}}]}
    why = annotations("config-error", message='configmap "recommendation-flags" not found')
    roll_out(shop, "shop", "recommendations", change, why, DEADLINE_SECONDS)
    wait_reason(shop, "shop", "recommendations", "CreateContainerConfigError", 1)
    wait_stuck(shop, "shop", "recommendations")


@fault("Deployment payments/fraud-check", THIS_WEEK, timedelta(hours=2))
def init_stuck(shop: Shop) -> None:
    """A rollout whose init container runs on and on; the old pods serve."""
    loader = {"name": "load-rules", "image": "registry.example.com/payments/load-rules:2.2.1", "resources": _RESOURCES}
    roll_out(shop, "payments", "fraud-check", {}, annotations("init-running"), DEADLINE_SECONDS, {"initContainers": [loader]})
    wait_stuck(shop, "payments", "fraud-check")
    until(lambda: [pod for pod in pods_of(shop, "payments", "fraud-check") if _is_init_running(pod)], "an init container to run")


@fault("Deployment data/reports", THIS_WEEK)
def unschedulable(shop: Shop) -> None:
    """A rollout that asks for more CPU than any node has."""
    change = {"resources": {"requests": {"cpu": "64"}}}
    roll_out(shop, "data", "reports", change, None, DEADLINE_SECONDS)
    wait_unschedulable(shop, "data", "reports")


@fault("Deployment shop/search", THIS_WEEK)
def stuck_terminating(shop: Shop) -> None:
    """A pod that was deleted and does not go; its replacement serves."""
    pod = pods_of(shop, "shop", "search")[0]
    annotate_pod(shop, pod, annotations("undying"))
    name = pod["metadata"]["name"]
    shop.client.delete("Pod", name, "shop", grace_seconds=5)
    shop.client.wait_for("Pod", name, "shop", lambda found: "deletionTimestamp" in found["metadata"])
    wait_ready(shop, "shop", "search", 3)


# -- jobs -----------------------------------------------------------------------------------------------------------


@fault("CronJob payments/settlement", THIS_WEEK)
def job_failing(shop: Shop) -> None:
    """Last night's run of a CronJob failed, after many that did not."""
    cron_job = shop.client.get("CronJob", "settlement", "payments")
    scheduled = latest(1, 30)
    run = run_of(cron_job, scheduled, annotations("failed", exit="1 Error"))
    shop.client.create(run)
    shop.client.wait_for("Job", run["metadata"]["name"], "payments", lambda job: has_condition(job, "Failed", "True"))
    status = {"lastScheduleTime": stamp(scheduled), "lastSuccessfulTime": stamp(scheduled - timedelta(hours=23, minutes=58))}
    shop.client.patch_status("CronJob", "settlement", status, "payments")


@fault("CronJob shop/sitemap", HYGIENE, timedelta(days=8))
def cronjob_suspended(shop: Shop) -> None:
    """Someone suspended a CronJob and forgot it."""
    shop.client.patch("CronJob", "sitemap", {"spec": {"suspend": True}}, "shop")


@fault("CronJob data/postgres-backup", THIS_WEEK, timedelta(days=2, hours=12))
def cronjob_missing(shop: Shop) -> None:
    """A CronJob's run hangs, and because no two may run at once, none has started since."""
    cron_job = shop.client.get("CronJob", "postgres-backup", "data")
    scheduled = latest(2, 0)
    run = run_of(cron_job, scheduled, annotations("running"))
    del run["spec"]["activeDeadlineSeconds"]
    created = shop.client.create(run)
    active = {"apiVersion": "batch/v1", "kind": "Job", "namespace": "data"}
    active |= {"name": created["metadata"]["name"], "uid": created["metadata"]["uid"]}
    status = {"active": [active], "lastScheduleTime": stamp(scheduled), "lastSuccessfulTime": stamp(scheduled - timedelta(hours=23))}
    shop.client.patch_status("CronJob", "postgres-backup", status, "data")
    shop.client.wait_for("Job", run["metadata"]["name"], "data", lambda job: job["status"].get("ready") == 1)


# -- storage --------------------------------------------------------------------------------------------------------


@fault("StorageClass fast-ssd", TODAY)
def claim_pending(shop: Shop) -> None:
    """A new StatefulSet wants a storage class that does not exist."""
    labels = {"app.kubernetes.io/name": "analytics"}
    spec = {
        "replicas": 2,
        "serviceName": "analytics",
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{**_container("analytics"), "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]},
        },
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {**_claim_spec("50Gi"), "storageClassName": "fast-ssd"}}],
    }
    shop.client.apply_all(
        [
            {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "analytics"}, "spec": spec},
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "analytics"},
                "spec": {"clusterIP": "None", "selector": labels, "ports": [{"name": "http", "port": 8080}]},
            },
        ],
        "data",
    )
    wait_unschedulable(shop, "data", "analytics")
    wait_event(shop, "data", "PersistentVolumeClaim", "ProvisioningFailed")


@fault("PersistentVolumeClaim data/data-redis-2", TODAY)
def claim_lost(shop: Shop) -> None:
    """Someone deleted a volume under its claim; the pod that used it cannot come back."""
    client = shop.client
    volume = client.get("PersistentVolumeClaim", "data-redis-2", "data")["spec"]["volumeName"]
    client.delete("PersistentVolume", volume)
    client.patch("PersistentVolume", volume, {"metadata": {"finalizers": None}}, how="merge")
    client.wait_gone("PersistentVolume", volume)
    client.wait_for("PersistentVolumeClaim", "data-redis-2", "data", lambda claim: claim["status"]["phase"] == "Lost")
    client.delete("Pod", "redis-2", "data")
    wait_unschedulable(shop, "data", "redis")


@fault("PersistentVolumeClaim data/wiki", TODAY)
def multi_attach(shop: Shop) -> None:
    """A pod was moved to another node, and the old node does not let go of the volume, which only one may hold."""
    client = shop.client
    labels = {"app.kubernetes.io/name": "wiki"}
    driver = "block.csi.example.com"
    volume = {
        "capacity": {"storage": "10Gi"},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "",
        "csi": {"driver": driver, "volumeHandle": "vol-wiki"},
        "claimRef": {"namespace": "data", "name": "wiki"},
    }
    claim = {**_claim_spec("10Gi"), "storageClassName": "", "volumeName": "vol-wiki"}
    pod = {
        "containers": [{**_container("wiki"), "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "wiki"}}],
        "nodeSelector": {"kubernetes.io/hostname": "ip-10-2-1-11"},
    }
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"replicas": 1, "strategy": {"type": "Recreate"}, "selector": {"matchLabels": labels}, "template": template}
    service = {"selector": labels, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}
    client.apply_all(
        [
            {"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": driver}, "spec": {"attachRequired": True}},
            {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "vol-wiki"}, "spec": volume},
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "wiki"}, "spec": claim},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "wiki"}, "spec": spec},
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "wiki"}, "spec": service},
        ],
        "data",
    )
    wait_ready(shop, "data", "wiki", 1)
    attachment = until(lambda: client.list_of("VolumeAttachment"), "a VolumeAttachment")[0]
    client.patch_status("VolumeAttachment", attachment["metadata"]["name"], {"attached": True})
    # Its kubelet says that the volume is in use: so the controller waits six minutes before it detaches by force.
    client.patch_status("Node", "ip-10-2-1-11", {"volumesInUse": [f"kubernetes.io/csi/{driver}^vol-wiki"]})
    moved = {"nodeSelector": {"kubernetes.io/hostname": "ip-10-2-2-21"}}
    summary = "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[]: timed out"
    roll_out(shop, "data", "wiki", {}, annotations("creating", message=summary), 0, moved)
    wait_event(shop, "data", "Pod", "FailedAttachVolume")


# -- network, certificates, disruption, autoscaling -----------------------------------------------------------------


@fault("Service shop/catalog", TODAY)
def selector_typo(shop: Shop) -> None:
    """A Service whose selector matches no pod, for one letter."""
    shop.client.patch("Service", "catalog", {"spec": {"selector": {"app.kubernetes.io/name": "catalogue"}}}, "shop")
    until(lambda: not _endpoints(shop, "shop", "catalog"), "the Service to lose its endpoints")


@fault("Service shop/wishlist", TODAY)
def ingress_without_backend(shop: Shop) -> None:
    """An Ingress with a path to a Service that does not exist."""
    backend = {"service": {"name": "wishlist", "port": {"name": "http"}}}
    path = {"path": "/wishlist", "pathType": "Prefix", "backend": backend}
    shop.client.patch("Ingress", "shop", [{"op": "add", "path": "/spec/rules/0/http/paths/-", "value": path}], "shop", "json")


@fault("Service platform/edge-internal", TODAY)
def loadbalancer_without_address(shop: Shop) -> None:
    """A Service of type LoadBalancer that no controller answers."""
    spec = {
        "type": "LoadBalancer",
        "selector": {"app.kubernetes.io/name": "ingress-nginx"},
        "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
    }
    shop.client.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "edge-internal"}, "spec": spec}, "platform")
    until(lambda: _endpoints(shop, "platform", "edge-internal"), "the Service to have endpoints")


@fault("Secret shop/shop-tls", THIS_WEEK)
def certificate_expiring(shop: Shop) -> None:
    """The certificate of the shop's Ingress ends in six days."""
    ends = datetime.now(UTC) + timedelta(days=6)
    shop.client.apply(tls_secret(shop, "shop", "shop-tls", "shop.example.com", ends))


@fault("PodDisruptionBudget payments/invoices", THIS_WEEK)
def pdb_blocking(shop: Shop) -> None:
    """A PodDisruptionBudget that allows no eviction, ever."""
    shop.client.patch("PodDisruptionBudget", "invoices", {"spec": {"maxUnavailable": 0}}, "payments")
    shop.client.wait_for("PodDisruptionBudget", "invoices", "payments", lambda found: has_condition(found, "DisruptionAllowed", "False"))


@fault("HorizontalPodAutoscaler shop/search", THIS_WEEK)
def hpa_without_metrics(shop: Shop) -> None:
    """An autoscaler whose metric nobody delivers."""
    client = shop.client
    metric = {"name": "search_queue_depth"}
    metrics = [{"type": "External", "external": {"metric": metric, "target": {"type": "AverageValue", "averageValue": "30"}}}]
    client.patch("HorizontalPodAutoscaler", "search", {"spec": {"metrics": metrics}}, "shop", "merge")
    why = (
        "the HPA was unable to compute the replica count: unable to get external metric shop/search_queue_depth/nil: "
        "no metrics returned from external metrics API"
    )
    write_blind(shop, "search", "FailedGetExternalMetric", why)


@fault("HorizontalPodAutoscaler shop/storefront", HYGIENE)
def hpa_without_target(shop: Shop) -> None:
    """An autoscaler left behind by a Deployment that was renamed."""
    client = shop.client
    hpa = client.get("HorizontalPodAutoscaler", "web", "shop")
    spec = {**hpa["spec"], "scaleTargetRef": {**hpa["spec"]["scaleTargetRef"], "name": "storefront"}}
    client.apply(
        {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "storefront"}, "spec": spec}, "shop"
    )
    why = 'the HPA controller was unable to get the target\'s current scale: deployments.apps "storefront" not found'
    status = {"currentReplicas": 0, "desiredReplicas": 0, "conditions": [hpa_condition("AbleToScale", False, "FailedGetScale", why)]}
    client.patch_status("HorizontalPodAutoscaler", "storefront", status, "shop")


@fault("HorizontalPodAutoscaler shop/checkout", THIS_WEEK)
def hpa_at_maximum(shop: Shop) -> None:
    """An autoscaler that wants more replicas than it may have."""
    client = shop.client
    web = client.get("HorizontalPodAutoscaler", "web", "shop")
    target = {**web["spec"]["scaleTargetRef"], "name": "checkout"}
    spec = {**web["spec"], "scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 3}
    hpa = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "checkout"}, "spec": spec}
    client.apply(hpa, "shop")
    limited = "the desired replica count is more than the maximum replica count"
    status = hpa_status(
        hpa,
        hpa_condition("AbleToScale", True, "ReadyForNewScale", "recommended size matches current size"),
        hpa_condition("ScalingActive", True, "ValidMetricFound", "the HPA was able to successfully calculate a replica count"),
        hpa_condition("ScalingLimited", True, "TooManyReplicas", limited),
    )
    client.patch_status("HorizontalPodAutoscaler", "checkout", status | {"currentReplicas": 3, "desiredReplicas": 3}, "shop")


# -- nodes ----------------------------------------------------------------------------------------------------------


@fault(f"Node {LOST_NODE}", TODAY)
def node_lost(shop: Shop) -> None:
    """A machine is gone: its lease is old, its status unknown, its pods not ready although their containers were."""
    lost_at = datetime.now(UTC) - timedelta(minutes=2)
    lose_node(shop, LOST_NODE, lost_at, lost_at + timedelta(seconds=50))


@fault(f"Node {CORDONED_NODE}", HYGIENE, timedelta(hours=30))
def node_cordoned(shop: Shop) -> None:
    """Someone cordoned a node and forgot it."""
    shop.client.patch("Node", CORDONED_NODE, {"spec": {"unschedulable": True}})
    wait_taint(shop, CORDONED_NODE, "node.kubernetes.io/unschedulable")


@fault(f"Node {FULL_NODE}", THIS_WEEK)
def disk_pressure(shop: Shop) -> None:
    """A node's disk is full: it takes no more pods, and evicted one."""
    message = "The node was low on resource: ephemeral-storage. Threshold quantity: 5368709120, available: 4811Mi."
    shop.client.patch("Node", FULL_NODE, {"metadata": {"annotations": dict(annotations("disk-pressure"))}})
    wait_taint(shop, FULL_NODE, "node.kubernetes.io/disk-pressure")
    pod = next(pod for pod in shop.client.list_of("Pod", fields=f"spec.nodeName={FULL_NODE}") if _is_replaceable(pod))
    annotate_pod(shop, pod, annotations("evicted", message=message))
    metadata = pod["metadata"]
    shop.client.wait_for("Pod", metadata["name"], metadata["namespace"], lambda found: found["status"].get("reason") == "Evicted")


# -- the cluster ----------------------------------------------------------------------------------------------------


@fault("Deployment kube-system/coredns", TODAY)
def dns_down(shop: Shop) -> None:
    """Nothing answers names: the DNS pods are not ready."""
    for pod in pods_of(shop, "kube-system", "", "k8s-app=kube-dns"):
        annotate_pod(shop, pod, annotations("not-ready"))
    wait_ready(shop, "kube-system", "coredns", 0)
    until(lambda: not _endpoints(shop, "kube-system", "kube-dns", ready=True), "kube-dns to lose its endpoints")


@fault("Deployment platform/policy", TODAY)
def webhook_down(shop: Shop) -> None:
    """The pods behind an admission webhook are not ready, and a pod that it guards cannot be replaced."""
    for pod in pods_of(shop, "platform", "policy"):
        annotate_pod(shop, pod, annotations("not-ready"))
    until(lambda: not _endpoints(shop, "platform", "policy", ready=True), "the webhook to lose its endpoints")
    shop.client.delete("Pod", pods_of(shop, "payments", "ledger")[0]["metadata"]["name"], "payments")
    wait_failed_create(shop, "payments", "ledger", 'calling webhook "policy.platform.example.com"')


@fault("Service kube-system/metrics-server", THIS_WEEK)
def stale_api_group(shop: Shop) -> None:
    """An API group whose backend does not exist, and an autoscaler that needs it."""
    spec = {
        "group": "metrics.k8s.io",
        "version": "v1beta1",
        "service": {"namespace": "kube-system", "name": "metrics-server"},
        "insecureSkipTLSVerify": True,
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
    }
    name = "v1beta1.metrics.k8s.io"
    shop.client.apply({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": name}, "spec": spec})
    shop.client.wait_for("APIService", name, "", lambda found: has_condition(found, "Available", "False"))
    why = (
        "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to "
        "fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)"
    )
    write_blind(shop, "web", "FailedGetResourceMetric", why)


@fault("Namespace old-shop", THIS_WEEK)
def namespace_stuck(shop: Shop) -> None:
    """A namespace that does not go, for a finalizer that nobody removes."""
    client = shop.client
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "old-shop"}})
    held = {"name": "held", "finalizers": ["example.com/hold"]}
    client.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": held}, "old-shop")
    client.delete("Namespace", "old-shop")
    client.wait_for("Namespace", "old-shop", "", lambda found: has_condition(found, "NamespaceFinalizersRemaining", "True"))


@fault("CertificateSigner kubernetes.io/kubelet-serving", THIS_WEEK)
def csr_waiting(shop: Shop) -> None:
    """A kubelet's request for its serving certificate that nobody approved."""
    request = signing_request("system:node:ip-10-2-1-11", ["system:nodes"], ["ip-10-2-1-11", "10.2.1.11"])
    spec = {
        "signerName": "kubernetes.io/kubelet-serving",
        "request": base64.b64encode(request).decode(),
        "usages": ["digital signature", "server auth"],
    }
    metadata = {"name": "csr-7x2vq"}
    shop.client.create({"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": metadata, "spec": spec})


@fault("ResourceQuota platform/team", TODAY)
def quota_full(shop: Shop) -> None:
    """A namespace's quota of pods is used up, and a workload that was scaled up stays short."""
    client = shop.client
    used = len([pod for pod in client.list_of("Pod", "platform") if pod["status"].get("phase") not in ("Succeeded", "Failed")])
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team"}, "spec": {"hard": {"pods": str(used)}}}
    client.apply(quota, "platform")
    client.wait_for("ResourceQuota", "team", "platform", lambda found: found.get("status", {}).get("used", {}).get("pods") == str(used))
    client.patch("Deployment", "ingress-nginx", {"spec": {"replicas": 5}}, "platform")
    wait_failed_create(shop, "platform", "ingress-nginx", "exceeded quota: team")


# -- what faults are made of ----------------------------------------------------------------------------------------


def roll_out(
    shop: Shop,
    namespace: str,
    name: str,
    container: Object,
    notes: Mapping[str, str] | None = None,
    deadline_seconds: int = 0,
    pod: Object | None = None,
) -> None:
    """Changes a Deployment's first container, or its pod, and waits until the new revision has begun."""
    deployment = shop.client.get("Deployment", name, namespace)
    first = deployment["spec"]["template"]["spec"]["containers"][0]["name"]
    template: Object = {"spec": {**(pod or {}), "containers": [{"name": first, **container}]}}
    if notes:
        template["metadata"] = {"annotations": dict(notes)}
    spec = {"template": template} | ({"progressDeadlineSeconds": deadline_seconds} if deadline_seconds else {})
    patched = shop.client.patch("Deployment", name, {"spec": spec}, namespace)
    generation = patched["metadata"]["generation"]

    def has_begun(found: Object) -> bool:
        is_seen = found["status"].get("observedGeneration", 0) >= generation
        return bool(is_seen and found["status"].get("updatedReplicas", 0) > 0)

    shop.client.wait_for("Deployment", name, namespace, has_begun)


def write_blind(shop: Shop, name: str, reason: str, why: str) -> None:
    """What the HPA controller writes about an autoscaler of the shop that cannot read its metric."""
    hpa = shop.client.get("HorizontalPodAutoscaler", name, "shop")
    status = hpa_status(
        hpa,
        hpa_condition("AbleToScale", True, "SucceededGetScale", "the HPA controller was able to get the target's current scale"),
        hpa_condition("ScalingActive", False, reason, why),
    )
    status |= {"desiredReplicas": 0, "currentMetrics": None}
    shop.client.patch_status("HorizontalPodAutoscaler", name, status, "shop")


def lose_node(shop: Shop, name: str, lost_at: datetime, noticed_at: datetime) -> None:
    """What is seen of a machine that went away.

    Written here is what the node controller would write after its grace, so that nobody waits for it: the old lease, the
    unknown conditions, the pods' Ready. The taints and the endpoints are the controllers' own answer.
    """
    client = shop.client
    shop.plane.stop_kubelet(name)
    lease = {"spec": {"renewTime": stamp(lost_at).replace("Z", ".000000Z")}}

    def lease_stays_old() -> bool:
        if client.get("Lease", name, "kube-node-lease")["spec"]["renewTime"] == lease["spec"]["renewTime"]:
            return True
        client.patch("Lease", name, lease, "kube-node-lease", "merge")
        return False

    until(lease_stays_old, f"the lease of {name} to be old")
    silent = {"status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
    kinds = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
    conditions = [{"type": kind, **silent, "lastTransitionTime": stamp(noticed_at)} for kind in kinds]
    client.patch_status("Node", name, {"conditions": conditions}, how="strategic")
    unready = {"type": "Ready", "status": "False", "reason": None, "message": None, "lastTransitionTime": stamp(noticed_at)}
    for pod in client.list_of("Pod", fields=f"spec.nodeName={name},status.phase=Running"):
        metadata = pod["metadata"]
        client.patch_status("Pod", metadata["name"], {"conditions": [unready]}, metadata["namespace"], "strategic")
    wait_taint(shop, name, "node.kubernetes.io/unreachable")


def latest(hour: int, minute: int) -> datetime:
    """The latest time of a nightly schedule."""
    now = datetime.now(UTC)
    slot = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return slot if slot <= now else slot - timedelta(days=1)


def run_of(cron_job: Object, scheduled: datetime, notes: Mapping[str, str]) -> Object:
    """The Job that the CronJob controller would make for a time; here it is not tried again."""
    metadata = cron_job["metadata"]
    template = cron_job["spec"]["jobTemplate"]
    pod = template["spec"]["template"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"{metadata['name']}-{int(scheduled.timestamp()) // 60}",
            "namespace": metadata["namespace"],
            "labels": template.get("metadata", {}).get("labels", {}),
            "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": stamp(scheduled)},
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": metadata["name"],
                    "uid": metadata["uid"],
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {
            **template["spec"],
            "backoffLimit": 0,
            "template": {**pod, "metadata": {**pod["metadata"], "annotations": dict(notes)}},
        },
    }


def pods_of(shop: Shop, namespace: str, name: str, labels: str = "") -> list[Object]:
    """A workload's pods that are not going."""
    found = shop.client.list_of("Pod", namespace, labels or f"app.kubernetes.io/name={name}")
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def annotate_pod(shop: Shop, pod: Object, notes: Mapping[str, str]) -> None:
    shop.client.patch("Pod", pod["metadata"]["name"], {"metadata": {"annotations": dict(notes)}}, pod["metadata"]["namespace"])


def has_condition(resource: Object, kind: str, status: str, reason: str = "") -> bool:
    conditions = resource.get("status", {}).get("conditions") or ()
    return any(found["type"] == kind and found["status"] == status and reason in ("", found.get("reason")) for found in conditions)


def wait_ready(shop: Shop, namespace: str, name: str, count: int) -> None:
    """Until a Deployment is settled on one revision with this many ready pods."""

    def is_so(found: Object) -> bool:
        status = found["status"]
        is_settled = status.get("updatedReplicas") == found["spec"]["replicas"] == status.get("replicas")
        is_seen = status.get("observedGeneration") == found["metadata"]["generation"]
        return bool(is_seen and is_settled and status.get("readyReplicas", 0) == count)

    shop.client.wait_for("Deployment", name, namespace, is_so)


def wait_stuck(shop: Shop, namespace: str, name: str) -> None:
    shop.client.wait_for(
        "Deployment", name, namespace, lambda found: has_condition(found, "Progressing", "False", "ProgressDeadlineExceeded")
    )


def wait_reason(shop: Shop, namespace: str, name: str, reason: str, count: int) -> None:
    """Until this many pods have a container that waits for this reason."""
    until(
        lambda: sum(reason in waiting_reasons(pod) for pod in pods_of(shop, namespace, name)) == count,
        f"{count} pods of {namespace}/{name} in {reason}",
    )


def wait_unschedulable(shop: Shop, namespace: str, name: str) -> None:
    until(
        lambda: any(has_condition(pod, "PodScheduled", "False", "Unschedulable") for pod in pods_of(shop, namespace, name)),
        f"a pod of {namespace}/{name} to be unschedulable",
    )


def wait_failed_create(shop: Shop, namespace: str, name: str, text: str) -> None:
    """Until a Deployment says that it may not create pods, and why."""
    shop.client.wait_for(
        "Deployment",
        name,
        namespace,
        lambda found: any(
            condition["type"] == "ReplicaFailure" and text in condition["message"] for condition in found["status"].get("conditions", ())
        ),
    )


def wait_taint(shop: Shop, node: str, key: str) -> None:
    shop.client.wait_for("Node", node, "", lambda found: any(taint["key"] == key for taint in found["spec"].get("taints", ())))


def wait_event(shop: Shop, namespace: str, kind: str, reason: str) -> None:
    fields = f"involvedObject.kind={kind},reason={reason}"
    until(lambda: shop.client.list_of("Event", namespace, fields=fields), f"an event {reason} on a {kind} in {namespace}")


def waiting_reasons(pod: Object) -> set[str]:
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    return {status["state"]["waiting"].get("reason", "") for status in statuses if "waiting" in status.get("state", {})}


def _is_init_running(pod: Object) -> bool:
    return any("running" in status["state"] for status in pod["status"].get("initContainerStatuses", ()))


def _is_replaceable(pod: Object) -> bool:
    """Whether a ReplicaSet will replace the pod, and no other fault works on it."""
    owners = pod["metadata"].get("ownerReferences") or ({"kind": ""},)
    is_untouched = not any(key in annotations("evicted") for key in pod["metadata"].get("annotations") or ())
    is_guarded = "policy.example.com/guarded" in pod["metadata"]["labels"]
    is_replaced = bool(owners[0]["kind"] == "ReplicaSet")
    return is_replaced and is_untouched and not is_guarded and has_condition(pod, "Ready", "True")


def _endpoints(shop: Shop, namespace: str, service: str, ready: bool = False) -> list[Object]:
    slices = shop.client.list_of("EndpointSlice", namespace, f"kubernetes.io/service-name={service}")
    found = [endpoint for part in slices for endpoint in part.get("endpoints") or ()]
    return [endpoint for endpoint in found if endpoint["conditions"].get("ready") is not False] if ready else found


_RESOURCES: Final = {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "256Mi"}}


def _container(name: str) -> Object:
    return {
        "name": name,
        "image": f"registry.example.com/data/{name}:1.0.0",
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": _RESOURCES,
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
    }


def _claim_spec(size: str) -> Object:
    return {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
