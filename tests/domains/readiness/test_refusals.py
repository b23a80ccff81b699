"""What is said to be refused is what the real API server refuses."""

import random
from typing import Any, Final

import msgspec
import pytest

from daytwo import catalog
from daytwo.engine.judge import judge
from daytwo.model.severity import Verdict
from tests.servers.client import ApiError, Client
from tests.servers.control_plane import ControlPlane
from tests.specimen import snapshot_of

Object = dict[str, Any]

CHECKS: Final = tuple(
    catalog.find_check(f"readiness/{name}")
    for name in (
        "probe-refused",
        "restart-policy-refused",
        "rollout-refused",
        "schedule-invalid",
        "selector-misses-template",
        "webhook-side-effects-unknown",
    )
)
COUNT: Final = 600
SCHEDULES: Final = (
    "*/15 2-4,22 ? JAN-mar mon",
    "@every 1h30m",
    "@daily",
    "@reboot",
    "0 3 * * 7",
    "0 0 3 * * *",
    "60 * * * *",
    "CRON_TZ=Asia/Tokyo 0 3 * * *",
    "5-1 * * * *",
)


@pytest.mark.cluster
def test_the_api_server_refuses_what_is_said_to_be_refused(control_plane: ControlPlane) -> None:
    """Strategies, probes, restart policies, selectors, schedules and promises, drawn and mixed."""
    client, draw = control_plane.client(), random.Random(36)
    refused = 0
    for number in range(COUNT):
        drawn = _object(draw, f"drawn-{number}")
        answer = _refusal(client, drawn)
        said = [finding.hit.message for finding in _failures(drawn) if "never due" not in finding.hit.message]
        assert bool(said) == bool(answer), f"we say {said}, the API server {answer or 'takes it'}: {msgspec.json.encode(drawn).decode()}"
        refused += bool(answer)
    assert COUNT / 4 < refused < 3 * COUNT / 4, "both must be tried"


def _failures(drawn: Object) -> list[Any]:
    document = {"at": "2026-11-20T08:00:00Z", "files": True, "items": [drawn]}
    return [finding for finding in judge(snapshot_of(document), CHECKS).findings if finding.verdict is Verdict.FAIL]


def _refusal(client: Client, drawn: Object) -> str:
    try:
        client.dry_run(drawn, "default")
    except ApiError as error:
        if error.code in (400, 422):
            return str(error)
        raise
    return ""


# -- what is drawn ------------------------------------------------------------------------------------------------


def _object(draw: random.Random, name: str) -> Object:
    kind = draw.choice(("Deployment", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ValidatingWebhookConfiguration"))
    if kind == "ValidatingWebhookConfiguration":
        return _webhook(draw, name)
    labels = {"app": "web", "tier": "front"}
    template: Object = {"metadata": {"labels": labels}, "spec": _pod_spec(draw, is_job=kind in ("Job", "CronJob"))}
    metadata = {"name": name, "namespace": "default"}
    if kind == "Job":
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": metadata, "spec": {"template": template}}
    if kind == "CronJob":
        spec = {"schedule": draw.choice(("0 3 * * *", *SCHEDULES)), "jobTemplate": {"spec": {"template": template}}}
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": metadata, "spec": spec}
    selector: Object = {"matchLabels": {"app": "web"}}
    if draw.random() < 0.1:
        selector = draw.choice(
            (
                {},
                {"matchLabels": {"app": "wbe"}},
                {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["front"]}]},
                {"matchExpressions": [{"key": "tier", "operator": "Exists"}]},
            )
        )
    spec = {"selector": selector, "template": template}
    if draw.random() < 0.6:
        spec["strategy" if kind == "Deployment" else "updateStrategy"] = _strategy(draw, kind)
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}


def _strategy(draw: random.Random, kind: str) -> Object:
    other = "Recreate" if kind == "Deployment" else "OnDelete"
    strategy: Object = {"type": draw.choice(("RollingUpdate", "RollingUpdate", "RollingUpdate", other))}
    rolling: Object = {}
    if draw.random() < 0.7:
        rolling["maxUnavailable"] = draw.choice((0, 1, 2, "0%", "25%", "100%", "150%"))
    if draw.random() < 0.7 and kind != "StatefulSet":
        rolling["maxSurge"] = draw.choice((0, 1, "0%", "30%"))
    if rolling and (strategy["type"] == "RollingUpdate" or kind == "Deployment"):
        strategy["rollingUpdate"] = rolling
    return strategy


def _pod_spec(draw: random.Random, is_job: bool) -> Object:
    spec: Object = {"containers": [_container(draw, "web")], "initContainers": []}
    if draw.random() < 0.4:
        init = _container(draw, "init") if draw.random() < 0.4 else {"name": "init", "image": "init"}
        if draw.random() < 0.5:
            init["restartPolicy"] = "Always"
        spec["initContainers"].append(init)
    if is_job:
        spec["restartPolicy"] = draw.choice(("Never", "OnFailure", "OnFailure", "Always"))
    elif draw.random() < 0.1:
        spec["restartPolicy"] = draw.choice(("Never", "OnFailure", "Always"))
    return spec


def _container(draw: random.Random, name: str) -> Object:
    container: Object = {"name": name, "image": "web"}
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        if draw.random() < 0.3:
            container[kind] = _probe(draw)
    if draw.random() < 0.2:
        container["lifecycle"] = {"preStop": {"exec": {"command": ["stop"]}}}
    return container


def _probe(draw: random.Random) -> Object:
    handlers: Object = {
        "exec": {"command": ["check"]},
        "httpGet": {"port": 8080},
        "tcpSocket": {"port": "http"},
        "grpc": {"port": 9000},
    }
    count = draw.choices((0, 1, 2), (1, 14, 1))[0]
    probe: Object = {name: handlers[name] for name in draw.sample(sorted(handlers), count)}
    if draw.random() < 0.2:
        probe["successThreshold"] = draw.choice((1, 1, 2))
    if draw.random() < 0.1:
        probe["terminationGracePeriodSeconds"] = 5
    return probe


def _webhook(draw: random.Random, name: str) -> Object:
    webhook: Object = {
        "name": f"{name}.example.com",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": "https://example.com/"},
    }
    if draw.random() < 0.8:
        webhook["sideEffects"] = draw.choice(("None", "NoneOnDryRun", "Some", "Unknown"))
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [webhook],
    }
