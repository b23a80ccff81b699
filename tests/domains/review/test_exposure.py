"""Who depends on a workload, and what is left of it."""

from typing import Any

import pytest

from daytwo.domains.review.exposure import Exposure, standing
from daytwo.model.ref import Ref
from tests.domains.review.finding import deployment_ref, pod_ref
from tests.objects import Object, deployment, ingress, metadata, pod, service, snapshot_document
from tests.specimen import snapshot_of

WEB = deployment("web", 2)
WEB_REF = deployment_ref("web")


def exposure_with(*items: Object, unread: tuple[str, ...] = ()) -> Exposure:
    return standing(WEB_REF, frozenset(), snapshot_of(snapshot_document(WEB, pod(WEB, "1"), *items, unread=unread))).exposure


def webhook(kind: str, target: str) -> Object:
    hook = {"name": "x.y.z", "clientConfig": {"service": {"namespace": "shop", "name": target}}}
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": metadata("hook", ""), "webhooks": [hook]}


def api_service(target: str) -> Object:
    spec = {"group": "g", "version": "v1", "service": {"namespace": "shop", "name": target}}
    return {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": metadata("v1.g", ""), "spec": spec}


def route(target: str) -> Object:
    spec: dict[str, Any] = {"rules": [{"backendRefs": [{"name": target, "port": 80}]}]}
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": metadata("route"), "spec": spec}


@pytest.mark.parametrize(
    "items",
    [
        [service("web"), ingress("front", "web")],
        [service("web"), route("web")],
        [service("web", type="LoadBalancer")],
        [service("web", type="NodePort")],
        [service("web"), webhook("ValidatingWebhookConfiguration", "web")],
        [service("web"), webhook("MutatingWebhookConfiguration", "web")],
        [service("web"), api_service("web")],
    ],
    ids=["ingress", "route", "load-balancer", "node-port", "validating-webhook", "mutating-webhook", "api-service"],
)
def test_served_is_what_is_reached_from_outside_or_by_the_api_server(items: list[Object]) -> None:
    assert exposure_with(*items) is Exposure.SERVED


def test_inner_is_behind_a_cluster_ip_only() -> None:
    assert exposure_with(service("web"), ingress("front", "another")) is Exposure.INNER


def test_batch_is_behind_no_service() -> None:
    """A Service without selector selects nothing, unlike an empty label selector."""
    assert exposure_with(service("other"), service("bare", selector={})) is Exposure.BATCH


def test_service_in_another_namespace_selects_nothing_here() -> None:
    assert exposure_with(service("web", namespace="elsewhere")) is Exposure.BATCH


def test_unread_services_never_lower() -> None:
    assert exposure_with(unread=("Service",)) is Exposure.INNER
    assert exposure_with(unread=("Service/shop",)) is Exposure.INNER
    assert exposure_with(unread=("Service/elsewhere",)) is Exposure.BATCH


def test_cluster_dns_is_served() -> None:
    dns = deployment("coredns", 2)
    dns["metadata"]["namespace"] = "kube-system"
    dns["spec"]["template"]["metadata"]["labels"] = {"k8s-app": "kube-dns"}
    found = snapshot_of(snapshot_document(dns, service("kube-dns", selector={"k8s-app": "kube-dns"}, namespace="kube-system")))
    assert standing(deployment_ref("coredns", "kube-system"), frozenset(), found).exposure is Exposure.SERVED


def test_pod_with_an_active_fault_is_not_counted_ready() -> None:
    """A crash-looping pod is Ready between two crashes."""
    found = snapshot_of(snapshot_document(WEB, pod(WEB, "1"), pod(WEB, "2")))
    assert standing(WEB_REF, frozenset(), found).ready == 2
    assert standing(WEB_REF, frozenset({pod_ref("web-1")}), found).ready == 1


def test_unread_pods_leave_what_the_workload_reports() -> None:
    found = snapshot_of(snapshot_document(deployment("web", 3, ready=2), unread=("Pod",)))
    assert standing(WEB_REF, frozenset(), found).ready == 2


def test_jobs_are_batch_whatever_selects_their_pods() -> None:
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata("web"),
        "spec": {"template": {"metadata": {"labels": {"app": "web"}}}},
    }
    found = snapshot_of(snapshot_document(job, service("web")))
    assert standing(Ref("Job", "shop", "web"), frozenset(), found).exposure is Exposure.BATCH
