"""A sample shop on a real control plane: 26 workloads of five teams on six nodes in three zones, all of them well."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.servers.certificates import Authority
from tests.servers.client import Client, Object, read_manifests
from tests.servers.control_plane import HPA_CONTROLLER, ControlPlane, Options
from tests.servers.kubelet import Log
from tests.servers.polling import until

MANIFESTS: Final = Path(__file__).parent / "manifests"
NODES: Final = {
    "ip-10-2-1-11": "eu-west-1a",
    "ip-10-2-1-12": "eu-west-1a",
    "ip-10-2-2-21": "eu-west-1b",
    "ip-10-2-2-22": "eu-west-1b",
    "ip-10-2-3-31": "eu-west-1c",
    "ip-10-2-3-32": "eu-west-1c",
}
HOSTS: Final = {("shop", "shop-tls"): "shop.example.com", ("payments", "payments-tls"): "pay.example.com"}

LOGS: Final = (
    Log(
        container="payments",
        lines=("payments starting", "provider psp.example.com reachable", "warming 48211 card tokens"),
        previous=(
            "payments starting",
            "provider psp.example.com reachable",
            "warming 48211 card tokens",
            "heap 201Mi of 256Mi after 20000 tokens",
            "heap 243Mi of 256Mi after 24000 tokens",
        ),
    ),
    Log(
        container="settlement",
        lines=("settling 2026-11-19", "reading 18204 payments", "error: provider answered 401: key rotated", "nothing was settled"),
        previous=(),
    ),
)

OPTIONS: Final = Options(disabled_controllers=(HPA_CONTROLLER,), logs=LOGS)
"""How the shop's control plane is started: metrics.k8s.io is not simulated, so what the HPA controller would say is written here."""


@dataclass(frozen=True)
class Shop:
    """The shop, once it runs."""

    plane: ControlPlane
    client: Client
    authority: Authority


def raise_shop(plane: ControlPlane) -> Shop:
    """Applies the shop to an empty control plane, started with OPTIONS, and waits until all of it is well."""
    shop = Shop(plane, plane.client(), Authority.create("example.com"))
    client = shop.client
    for name, zone in NODES.items():
        plane.add_node(name, zone)
    plane.wait_nodes(*NODES)
    client.apply_all(read_manifests(MANIFESTS / "cluster.yaml"))
    for namespace in ("platform", "shop", "payments", "data"):
        client.wait_for("ServiceAccount", "default", namespace, bool)
    for (namespace, name), host in HOSTS.items():
        client.apply(tls_secret(shop, namespace, name, host, datetime.now(UTC) + timedelta(days=300)))
    names = ("volumes", "kube-system", "platform", "shop", "payments", "data")
    client.apply_all(read_manifests(*(MANIFESTS / f"{name}.yaml" for name in names)))
    _play_absent_controllers(client)
    until(lambda: not list(_not_yet_well(client)), "the shop to be well")
    _apply_webhook(shop)
    return shop


def tls_secret(shop: Shop, namespace: str, name: str, host: str, not_after: datetime) -> Object:
    """A TLS Secret whose certificate ends at a given time."""
    pair = shop.authority.issue(host, hosts=[host], not_before=not_after - timedelta(days=365), not_after=not_after)
    data = {"tls.crt": base64.b64encode(pair.certificate).decode(), "tls.key": base64.b64encode(pair.key).decode()}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/tls", "data": data}


def stamp(at: datetime) -> str:
    """A time as the API server writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(**span: float) -> str:
    """The time so long before now: `ago(minutes=20)`."""
    return stamp(datetime.now(UTC) - timedelta(**span))


def hpa_status(hpa: Object, *conditions: Object) -> Object:
    """What the HPA controller writes about an autoscaler; without conditions, that all is well."""
    now = hpa["spec"]["minReplicas"]
    current = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 46, "averageValue": "115m"}}}
    well = (
        hpa_condition("AbleToScale", True, "ReadyForNewScale", "recommended size matches current size"),
        hpa_condition("ScalingActive", True, "ValidMetricFound", "the HPA was able to successfully calculate a replica count"),
        hpa_condition("ScalingLimited", False, "DesiredWithinRange", "the desired count is within the acceptable range"),
    )
    return {"currentReplicas": now, "desiredReplicas": now, "currentMetrics": [current], "conditions": list(conditions or well)}


def hpa_condition(kind: str, status: bool, reason: str, message: str, minutes: float = 30) -> Object:
    return {
        "type": kind,
        "status": str(status),
        "reason": reason,
        "message": message,
        "lastTransitionTime": ago(minutes=minutes),
    }


def _play_absent_controllers(client: Client) -> None:
    """Writes what a cloud's load balancer, the ingress controller and the HPA controller would write."""
    address = {"loadBalancer": {"ingress": [{"ip": "203.0.113.10"}]}}
    client.patch_status("Service", "ingress-nginx", address, "platform")
    for ingress in client.list_of("Ingress"):
        client.patch_status("Ingress", ingress["metadata"]["name"], address, ingress["metadata"]["namespace"])
    for hpa in client.list_of("HorizontalPodAutoscaler"):
        metadata = hpa["metadata"]
        client.patch_status("HorizontalPodAutoscaler", metadata["name"], hpa_status(hpa), metadata["namespace"])


def _apply_webhook(shop: Shop) -> None:
    for webhook in read_manifests(MANIFESTS / "webhook.yaml"):
        for hook in webhook["webhooks"]:
            hook["clientConfig"]["caBundle"] = base64.b64encode(shop.authority.pair.certificate).decode()
        shop.client.apply(webhook)


def _not_yet_well(client: Client) -> Iterable[str]:
    """What the shop still waits for."""
    for kind in ("Deployment", "StatefulSet"):
        for workload in client.list_of(kind):
            status = workload.get("status", {})
            is_seen = status.get("observedGeneration") == workload["metadata"]["generation"]
            if not is_seen or status.get("readyReplicas", 0) != workload["spec"]["replicas"]:
                yield f"{kind} {workload['metadata']['name']}"
    for daemon in client.list_of("DaemonSet"):
        if daemon["status"].get("numberReady", 0) != len(NODES):
            yield f"DaemonSet {daemon['metadata']['name']}"
    for budget in client.list_of("PodDisruptionBudget"):
        if not budget.get("status", {}).get("disruptionsAllowed"):
            yield f"PodDisruptionBudget {budget['metadata']['name']}"
    for job in client.list_of("Job"):
        if not job.get("status", {}).get("succeeded"):
            yield f"Job {job['metadata']['name']}"
    for quota in client.list_of("ResourceQuota"):
        if "used" not in quota.get("status", {}):
            yield f"ResourceQuota {quota['metadata']['name']}"
