"""The real servers behave as the tests need them to: what is set up is what the API then shows."""

import subprocess
from collections.abc import Callable
from threading import Thread
from typing import Final

import pytest

from tests.conftest import NewControlPlane, NewShop
from tests.servers.audit import canonical, writes
from tests.servers.client import PATCH_TYPES, ApiError, Client, Object
from tests.servers.control_plane import ADMIN, NOBODY, VIEWER, ControlPlane, Options
from tests.servers.history import History
from tests.servers.kubelet import annotations
from tests.servers.polling import PATIENCE_SECONDS, until
from tests.servers.proxy import Hold, Proxy
from tests.shop.faults import CORDONED_NODE, FAULTS, FULL_NODE, LOST_NODE, has_condition, waiting_reasons
from tests.shop.shop import NODES, Shop

pytestmark = pytest.mark.cluster


def deployment(name: str, replicas: int, notes: Object | None = None, **pod: object) -> Object:
    labels = {"app": name}
    containers = [{"name": "app", "image": f"registry.example.com/{name}:1"}]
    template = {"metadata": {"labels": labels, "annotations": notes or {}}, "spec": {"containers": containers, **pod}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def only_pod(client: Client, namespace: str, name: str) -> Object | None:
    """The one pod of a workload, once the kubelet wrote its status."""
    pods = client.list_of("Pod", namespace, f"app={name}")
    return pods[0] if len(pods) == 1 and pods[0]["status"].get("containerStatuses") else None


def test_two_hundred_pods_become_ready(control_plane: ControlPlane, namespace: str) -> None:
    """All four servers do their part: pods are made, placed, started, and put behind a Service."""
    client = control_plane.client()
    client.apply(deployment("many", 200), namespace)
    service = {"selector": {"app": "many"}, "ports": [{"port": 80}]}
    client.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "many"}, "spec": service}, namespace)
    client.wait_for("Deployment", "many", namespace, lambda found: found["status"].get("readyReplicas") == 200)

    def endpoints() -> bool:
        slices = client.list_of("EndpointSlice", namespace, "kubernetes.io/service-name=many")
        return sum(len(part.get("endpoints") or ()) for part in slices) == 200

    until(endpoints, "200 endpoints")
    nodes = {pod["spec"]["nodeName"] for pod in client.list_of("Pod", namespace)}
    assert nodes == {"node-a", "node-b", "node-c"}


def test_events_have_the_shapes_of_life(control_plane: ControlPlane, namespace: str) -> None:
    """The controllers' old recorder, the scheduler's new one, and what a kubelet would have written."""
    client = control_plane.client()
    client.apply(deployment("loop", 1, dict(annotations("crash-loop", restarts="5", ago="10m"))), namespace)

    def by_reason() -> dict[str, Object] | None:
        events = {event["reason"]: event for event in client.list_of("Event", namespace)}
        return events if events.keys() >= {"ScalingReplicaSet", "Scheduled", "BackOff"} else None

    events = until(by_reason, "events of three writers")
    assert events["ScalingReplicaSet"]["count"] == 1
    assert events["Scheduled"]["eventTime"]
    assert events["Scheduled"].get("count") is None
    assert events["BackOff"]["count"] == 5
    assert events["BackOff"]["firstTimestamp"] < events["BackOff"]["lastTimestamp"]
    assert events["BackOff"]["source"]["component"] == "kubelet"


def test_users_see_what_they_may(control_plane: ControlPlane, namespace: str) -> None:
    """The admin sees all, the viewer all but Secrets, nobody nothing."""
    assert control_plane.client(ADMIN).list_of("Secret", namespace) == []
    assert control_plane.client(VIEWER).list_of("Node")
    for user, kind in ((VIEWER, "Secret"), (NOBODY, "Node")):
        with pytest.raises(ApiError, match=f'User "{user}" cannot list') as refused:
            control_plane.client(user).list_of(kind)
        assert refused.value.code == 403


def test_kubectl_prints_logs(control_plane: ControlPlane, namespace: str) -> None:
    """The lines of a container, and those before its last restart."""
    client = control_plane.client()
    client.apply(deployment("loop", 1, dict(annotations("crash-loop"))), namespace)
    pod = until(lambda: only_pod(client, namespace, "loop"), "a pod")
    command = [control_plane.kubectl, "--kubeconfig", control_plane.kubeconfig(), "-n", namespace, "logs", pod["metadata"]["name"]]
    now = subprocess.run([*command, "--tail=1"], capture_output=True, text=True, check=True)
    before = subprocess.run([*command, "--previous", "--tail=1"], capture_output=True, text=True, check=True)
    assert now.stdout == "ready\n"
    assert before.stdout == "worker: out of luck, giving up\n"


@pytest.mark.parametrize(
    ("fault", "reason", "phase"),
    [
        ("crash-loop", "CrashLoopBackOff", "Running"),
        ("liveness-loop", "CrashLoopBackOff", "Running"),
        ("image-pull", "ImagePullBackOff", "Pending"),
        ("config-error", "CreateContainerConfigError", "Pending"),
        ("creating", "ContainerCreating", "Pending"),
    ],
)
def test_a_pod_waits_as_its_annotation_says(control_plane: ControlPlane, namespace: str, fault: str, reason: str, phase: str) -> None:
    """And becomes ready when the annotation goes."""
    client = control_plane.client()
    client.apply(deployment("web", 1, dict(annotations(fault, message="it is missing"))), namespace)
    pod = until(lambda: only_pod(client, namespace, "web"), "a pod")
    assert waiting_reasons(pod) == {reason}
    assert pod["status"]["phase"] == phase
    assert has_condition(pod, "Ready", "False", "ContainersNotReady")
    healing = {"metadata": {"annotations": dict.fromkeys(annotations(fault))}}
    client.patch("Pod", pod["metadata"]["name"], healing, namespace)
    client.wait_for("Deployment", "web", namespace, lambda found: found["status"].get("readyReplicas") == 1)


def test_a_jobs_pod_completes_unless_it_shall_fail(control_plane: ControlPlane, namespace: str) -> None:
    """The Job controller then says the same of the Job."""
    client = control_plane.client()
    for name, notes in (("good", {}), ("bad", dict(annotations("failed", exit="3 Error")))):
        pod = deployment(name, 1, notes, restartPolicy="Never")["spec"]["template"]
        spec = {"backoffLimit": 0, "template": pod}
        client.apply({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}, namespace)
    client.wait_for("Job", "good", namespace, lambda job: has_condition(job, "Complete", "True"))
    client.wait_for("Job", "bad", namespace, lambda job: has_condition(job, "Failed", "True", "BackoffLimitExceeded"))


def test_writes_are_counted(new_control_plane: NewControlPlane) -> None:
    """By user, without what was a dry run, wherever that was said; a watch saw each state that was stored, also a late one's."""
    plane = new_control_plane(Options(audit=True, users={"carol": ("system:masters",)}))
    carol = plane.client("carol")
    path = "/api/v1/namespaces/default/configmaps"
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "noted"}, "data": {"a": "1"}}
    with History(plane, [path]) as history, Proxy(plane) as proxy:
        carol.request("POST", path, made, query={"dryRun": "All"})
        carol.create(made, "default")
        carol.request("DELETE", f"{path}/noted", {"dryRun": ["All"]})
        held = Hold()
        proxy.fault(f"{path}/noted", held, times=1)
        through_proxy = Client(proxy.url, proxy.ca_file, plane.token("carol"))
        late = Thread(target=through_proxy.request, args=("PATCH", f"{path}/noted", {"data": {"a": "2"}}, None, PATCH_TYPES["merge"]))
        late.start()
        assert held.is_taken.wait(PATIENCE_SECONDS)
        carol.patch("ConfigMap", "noted", {"data": {"a": "3"}}, "default", how="merge")
        assert held.release().status == 200
        late.join()
        carol.request("DELETE", f"{path}/noted?dryRun=All", {})
        states = [state["data"]["a"] for state in history.of("ConfigMap", "noted", "default")]
        assert states == ["1", "3", "2", "2"], "the last one is its deletion: a body makes the API server ignore the query"
    stored = until(lambda: found if len(found := writes(plane.audited(), "carol")) == 4 else None, "the writes in the audit log")
    assert [(write.verb, write.body) for write in stored] == [
        ("create", canonical(made)),
        ("patch", canonical({"data": {"a": "3"}})),
        ("patch", canonical({"data": {"a": "2"}})),
        ("delete", stored[-1].body),
    ]
    assert all(write.is_stored for write in stored)


def test_a_silent_kubelet_loses_its_node(new_control_plane: NewControlPlane) -> None:
    """The node controller itself says so after its grace: what `lose_node` writes is what it writes."""
    plane = new_control_plane(Options(node_grace_seconds=15))
    plane.add_node("gone")
    plane.wait_nodes("gone")
    plane.stop_kubelet("gone")
    client = plane.client()
    node = client.wait_for("Node", "gone", "", lambda found: has_condition(found, "Ready", "Unknown", "NodeStatusUnknown"))
    unknown = {found["type"] for found in node["status"]["conditions"] if found["status"] == "Unknown"}
    assert unknown == {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}


def test_the_healthy_shop_is_well(healthy_shop: Shop) -> None:
    """No pod waits, no claim is pending, every Service has what it needs."""
    client = healthy_shop.client
    pods = client.list_of("Pod")
    assert all(has_condition(pod, "Ready", "True") or pod["status"]["phase"] == "Succeeded" for pod in pods)
    assert {claim["status"]["phase"] for claim in client.list_of("PersistentVolumeClaim")} == {"Bound"}
    assert {node["metadata"]["name"] for node in client.list_of("Node")} == set(NODES)
    workloads = [found for kind in ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job") for found in client.list_of(kind)]
    assert len([workload for workload in workloads if "ownerReferences" not in workload["metadata"]]) == 26


Sign = Callable[[Client], bool]


def pod_waits(namespace: str, name: str, reason: str) -> Sign:
    labels = f"app.kubernetes.io/name={name}"
    return lambda client: any(reason in waiting_reasons(pod) for pod in client.list_of("Pod", namespace, labels))


def condition_is(kind: str, name: str, namespace: str, type: str, status: str, reason: str = "") -> Sign:
    return lambda client: has_condition(client.get(kind, name, namespace), type, status, reason)


def event_says(namespace: str, reason: str, text: str) -> Sign:
    return lambda client: any(text in event["message"] for event in client.list_of("Event", namespace, fields=f"reason={reason}"))


def no_ready_endpoint(namespace: str, service: str) -> Sign:
    def is_so(client: Client) -> bool:
        slices = client.list_of("EndpointSlice", namespace, f"kubernetes.io/service-name={service}")
        return not any(endpoint["conditions"].get("ready") for part in slices for endpoint in part.get("endpoints") or ())

    return is_so


def is_unschedulable(client: Client, pod: str) -> bool:
    return any(
        pod in found["metadata"]["name"] and has_condition(found, "PodScheduled", "False", "Unschedulable")
        for found in client.list_of("Pod")
    )


STUCK: Final = ("Progressing", "False", "ProgressDeadlineExceeded")
SIGNS: Final[dict[str, Sign]] = {
    "out_of_memory": pod_waits("payments", "payments", "CrashLoopBackOff"),
    "crash_loop": pod_waits("shop", "cart", "CrashLoopBackOff"),
    "bad_image": condition_is("Deployment", "web", "shop", *STUCK),
    "rollout_stuck": condition_is("Deployment", "api", "shop", *STUCK),
    "missing_configmap": pod_waits("shop", "recommendations", "CreateContainerConfigError"),
    "init_stuck": pod_waits("payments", "fraud-check", "PodInitializing"),
    "unschedulable": lambda client: is_unschedulable(client, "reports"),
    "stuck_terminating": lambda client: any("deletionTimestamp" in pod["metadata"] for pod in client.list_of("Pod", "shop")),
    "job_failing": lambda client: any(has_condition(job, "Failed", "True") for job in client.list_of("Job", "payments")),
    "cronjob_suspended": lambda client: bool(client.get("CronJob", "sitemap", "shop")["spec"]["suspend"]),
    "cronjob_missing": lambda client: any(job["status"].get("active") for job in client.list_of("Job", "data")),
    "claim_pending": event_says("data", "ProvisioningFailed", 'storageclass.storage.k8s.io "fast-ssd" not found'),
    "claim_lost": event_says("data", "ClaimLost", "Bound claim has lost its PersistentVolume"),
    "multi_attach": event_says("data", "FailedAttachVolume", 'Multi-Attach error for volume "vol-wiki"'),
    "selector_typo": no_ready_endpoint("shop", "catalog"),
    "ingress_without_backend": lambda client: client.find("Service", "wishlist", "shop") is None,
    "loadbalancer_without_address": lambda client: client.get("Service", "edge-internal", "platform")["status"] == {"loadBalancer": {}},
    "certificate_expiring": lambda client: client.get("Secret", "shop-tls", "shop")["type"] == "kubernetes.io/tls",
    "pdb_blocking": condition_is("PodDisruptionBudget", "invoices", "payments", "DisruptionAllowed", "False", "InsufficientPods"),
    "hpa_without_metrics": condition_is("HorizontalPodAutoscaler", "search", "shop", "ScalingActive", "False", "FailedGetExternalMetric"),
    "hpa_without_target": condition_is("HorizontalPodAutoscaler", "storefront", "shop", "AbleToScale", "False", "FailedGetScale"),
    "hpa_at_maximum": condition_is("HorizontalPodAutoscaler", "checkout", "shop", "ScalingLimited", "True", "TooManyReplicas"),
    "node_lost": condition_is("Node", LOST_NODE, "", "Ready", "Unknown", "NodeStatusUnknown"),
    "node_cordoned": lambda client: bool(client.get("Node", CORDONED_NODE)["spec"]["unschedulable"]),
    "disk_pressure": condition_is("Node", FULL_NODE, "", "DiskPressure", "True", "KubeletHasDiskPressure"),
    "dns_down": no_ready_endpoint("kube-system", "kube-dns"),
    "webhook_down": event_says("payments", "FailedCreate", 'no endpoints available for service "policy"'),
    "stale_api_group": condition_is("APIService", "v1beta1.metrics.k8s.io", "", "Available", "False", "ServiceNotFound"),
    "namespace_stuck": condition_is("Namespace", "old-shop", "", "NamespaceContentRemaining", "True"),
    "csr_waiting": lambda client: "conditions" not in client.get("CertificateSigningRequest", "csr-7x2vq")["status"],
    "quota_full": condition_is("Deployment", "ingress-nginx", "platform", "ReplicaFailure", "True", "FailedCreate"),
}


def test_every_fault_shows_in_the_api(new_shop: NewShop) -> None:
    """All of them in one shop, each with its signature, and none of them hiding another."""
    shop = new_shop()
    assert SIGNS.keys() == FAULTS.keys()
    for fault in FAULTS.values():
        fault.inject(shop)
    unseen = [name for name, shows in SIGNS.items() if not shows(shop.client)]
    assert unseen == []
