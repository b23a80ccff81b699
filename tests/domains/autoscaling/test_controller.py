"""What is said of autoscalers as they are declared is what their controller finds out about them."""

import pytest

from daytwo import catalog
from daytwo.engine.judge import judge
from daytwo.model.severity import Verdict
from tests.servers.client import ApiError, Client, Object
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until
from tests.specimen import snapshot_of

pytestmark = pytest.mark.cluster


def workload(kind: str, name: str, namespace: str) -> Object:
    labels: Object = {"app": name}
    template: Object = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "web:1"}]}}
    spec: Object = {"selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def autoscaler(name: str, namespace: str, target: Object, **spec: object) -> Object:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 5, **spec},
    }


def told(check: str, objects: list[Object]) -> set[str]:
    """The names of those that the check fails, told from files."""
    snapshot = snapshot_of({"at": "2026-11-20T08:00:00Z", "items": objects})
    findings = judge(snapshot, [catalog.find_check(check)]).findings
    return {finding.subject.name for finding in findings if finding.verdict is Verdict.FAIL}


def reason(client: Client, name: str, namespace: str, condition: str) -> str:
    """Why the condition is False; empty where it is not, or not yet."""
    status = client.get("HorizontalPodAutoscaler", name, namespace).get("status", {})
    found = (one for one in status.get("conditions", ()) if one["type"] == condition and one["status"] == "False")
    return next((str(one["reason"]) for one in found), "")


def test_a_target_is_not_found_where_we_say_so(control_plane: ControlPlane, namespace: str) -> None:
    """By a name that nothing has, by a group that has no such kind, by a kind that has no replicas."""
    client = control_plane.client()
    workloads = [workload("Deployment", "web", namespace), workload("DaemonSet", "agent", namespace)]
    targets: dict[str, Object] = {
        "found": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "older": {"apiVersion": "apps/v1beta2", "kind": "Deployment", "name": "web"},
        "bare": {"kind": "Deployment", "name": "web"},
        "core": {"apiVersion": "v1", "kind": "Deployment", "name": "web"},
        "extensions": {"apiVersion": "extensions/v1beta1", "kind": "Deployment", "name": "web"},
        "agent": {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent"},
        "gone": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "wbe"},
    }
    autoscalers = {name: autoscaler(name, namespace, target) for name, target in targets.items()}
    client.apply_all(workloads, namespace)
    refused = {name for name, one in autoscalers.items() if is_refused(client, one, namespace)}
    stored = autoscalers.keys() - refused
    client.apply_all((autoscalers[name] for name in stored), namespace)

    def looked_at() -> bool:
        return all(client.get("HorizontalPodAutoscaler", name, namespace).get("status", {}).get("conditions") for name in stored)

    until(looked_at, "the autoscalers to be looked at", 60)
    failed = {name for name in stored if reason(client, name, namespace, "AbleToScale") == "FailedGetScale"}
    assert refused == {"bare", "core"}
    assert failed | refused == told("autoscaling/hpa-without-target", [*workloads, *autoscalers.values()])


def is_refused(client: Client, one: Object, namespace: str) -> bool:
    """By the API server, which wants a group in spec.scaleTargetRef."""
    try:
        client.dry_run(one, namespace)
    except ApiError as error:
        assert "must specify API group" in error.message  # noqa: PT017 - nothing else is refused
        return True
    return False


def test_two_autoscalers_of_one_target_stop_each_other(control_plane: ControlPlane, namespace: str) -> None:
    """The controller says so of both; we of the first."""
    client = control_plane.client()
    target: Object = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    objects = [workload("Deployment", "web", namespace), autoscaler("a", namespace, target), autoscaler("b", namespace, target)]
    client.apply_all(objects, namespace)
    until(lambda: "AmbiguousSelector" in [reason(client, name, namespace, "ScalingActive") for name in "ab"], "the clash to be seen", 60)
    assert told("autoscaling/autoscalers-overlap", objects) == {"a"}


def test_bounds_that_cross_are_refused(control_plane: ControlPlane, namespace: str) -> None:
    """By the API server, as it stores the autoscaler."""
    crossed = autoscaler("web", namespace, {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, minReplicas=6)
    with pytest.raises(ApiError, match="must be greater than or equal to"):
        control_plane.client().dry_run(crossed, namespace)
    assert told("autoscaling/hpa-bounds-without-room", [crossed]) == {"web"}
