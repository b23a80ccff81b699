"""What the tortured runs change: for each run a namespace and nodes of its own, and twenty steps of many kinds on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

import msgspec

from daytwo import catalog
from daytwo.model.call import Call
from daytwo.model.json import Json
from daytwo.model.right import Right
from daytwo.model.target import Target, built_in
from daytwo.render.roles_of_actions import role_of_actions
from tests.servers.client import Client, Object
from tests.servers.control_plane import ControlPlane, Options

OPERATOR: Final = "operator"
"""Who does what the runs do: nobody else is counted."""

STAND_IN: Final = "stand-in"
"""May do nothing but act as the service account `doer`."""

DOER: Final = "system:serviceaccount:default:doer"

OPTIONS: Final = Options(
    audit=True,
    users={OPERATOR: (), STAND_IN: ()},
    controller_manager_flags=("--horizontal-pod-autoscaler-sync-period=1s",),
)

WATCHED: Final = (
    "/api/v1/configmaps",
    "/api/v1/nodes",
    "/api/v1/pods",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/statefulsets",
    "/apis/autoscaling/v2/horizontalpodautoscalers",
    "/apis/batch/v1/cronjobs",
)

_RBAC: Final = "rbac.authorization.k8s.io"
_numbers = count(1)


def give_rights(client: Client) -> None:
    """Who does what the runs do has just the role that is generated for all actions, and what applying ConfigMaps takes."""
    config_maps = (Right(verb, "", "configmaps") for verb in ("get", "create", "patch", "delete"))
    rules = msgspec.to_builtins(role_of_actions(catalog.actions(), config_maps).rules)
    _give(client, "tests-operator", rules, {"kind": "User", "name": OPERATOR, "apiGroup": _RBAC}, _account("doer"))
    act_as = {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"], "resourceNames": ["doer"]}
    _give(client, "tests-stand-in", [act_as], {"kind": "User", "name": STAND_IN, "apiGroup": _RBAC})


def _account(name: str) -> Object:
    return {"kind": "ServiceAccount", "name": name, "namespace": "default"}


def _give(client: Client, name: str, rules: Sequence[Object], *subjects: Object) -> None:
    about = {"apiVersion": f"{_RBAC}/v1", "metadata": {"name": name}}
    client.apply({**about, "kind": "ClusterRole", "rules": list(rules)})
    whole = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name}
    client.apply({**about, "kind": "ClusterRoleBinding", "roleRef": whole, "subjects": list(subjects)})


@dataclass(frozen=True)
class Arena:
    """One run's part of the cluster, ready to be changed."""

    namespace: str
    calls: tuple[Call, ...]


def new_arenas(plane: ControlPlane, how_many: int) -> list[Arena]:
    """All at once, so that their pods start side by side."""
    client = plane.client()
    names = [f"arena-{next(_numbers)}" for _ in range(how_many)]
    for name in names:
        client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        for suffix in ("idle", "closed"):
            plane.add_node(f"{name}-{suffix}")
    for name in names:
        client.wait_for("ServiceAccount", "default", name, bool)
        client.apply_all(_objects(name), name)
        plane.wait_nodes(f"{name}-idle", f"{name}-closed")
        client.patch("Node", f"{name}-closed", {"spec": {"unschedulable": True}})
    return [Arena(name, _calls(client, name)) for name in names]


def _objects(namespace: str) -> list[Object]:
    return [
        _workload("Deployment", "web", 2),
        _workload("Deployment", "api", 1),
        _workload("Deployment", "calm", 1),
        _workload("Deployment", "held", 1, paused=False),
        _workload("Deployment", "pets", 2),
        _workload("StatefulSet", "db", 1, serviceName="db"),
        _cron_job("night", is_suspended=False),
        _cron_job("rest", is_suspended=True),
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "api"},
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}, "minReplicas": 1, "maxReplicas": 2},
        },
        config_map("settings", {"level": "1"}),
    ]


def _workload(kind: str, name: str, replicas: int, **spec: object) -> Object:
    labels = {"app": name}
    pod = {"terminationGracePeriodSeconds": 0, "containers": [{"name": "app", "image": f"registry.example.com/{name}:1"}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template, **spec},
    }


def _cron_job(name: str, *, is_suspended: bool) -> Object:
    pod = {"spec": {"restartPolicy": "Never", "containers": [{"name": "app", "image": "registry.example.com/job:1"}]}}
    spec = {"schedule": "0 0 1 1 *", "suspend": is_suspended, "jobTemplate": {"spec": {"template": pod}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name}, "spec": spec}


def config_map(name: str, data: Object) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def _calls(client: Client, namespace: str) -> tuple[Call, ...]:
    """Twenty steps, no two of which change the same field. The pods are those that are there now."""

    def ready() -> list[str]:
        for name in ("web", "api", "calm", "held", "pets"):
            client.wait_for("Deployment", name, namespace, _is_ready)
        client.wait_for("StatefulSet", "db", namespace, _is_ready)
        client.wait_for("HorizontalPodAutoscaler", "api", namespace, lambda it: bool(it.get("status", {}).get("currentReplicas")))
        return sorted(pod["metadata"]["name"] for pod in client.list_of("Pod", namespace, "app=pets"))

    first, second = ready()
    client.patch("Deployment", "held", {"spec": {"paused": True}}, namespace)

    def on(kind: str, name: str) -> Target:
        return built_in(kind, "" if kind == "Node" else namespace, name)

    def call(uses: str, kind: str, name: str, **params: Json) -> Call:
        return Call(uses, on(kind, name), {key.replace("_", "-"): value for key, value in params.items()})

    def image(name: str) -> list[Json]:
        return [f"app=registry.example.com/{name}:2"]

    return (
        call("scale", "Deployment", "web", replicas=3),
        call("set-image", "Deployment", "web", images=image("web")),
        call("rollout-restart", "Deployment", "api"),
        call("set-image", "Deployment", "api", images=image("api")),
        call("rollout-pause", "Deployment", "calm"),
        call("rollout-resume", "Deployment", "held"),
        call("set-resources", "Deployment", "web", requests=["cpu=10m"]),
        call("scale", "StatefulSet", "db", replicas=2),
        call("rollout-restart", "StatefulSet", "db"),
        call("set-image", "StatefulSet", "db", images=image("db")),
        call("suspend-cronjob", "CronJob", "night"),
        call("resume-cronjob", "CronJob", "rest"),
        call("autoscaler-bounds", "HorizontalPodAutoscaler", "api", max=4),
        call("cordon", "Node", f"{namespace}-idle"),
        call("uncordon", "Node", f"{namespace}-closed"),
        call("evict-pod", "Pod", first),
        call("delete-pod", "Pod", second),
        call("scale", "Deployment", "calm", replicas=2),
        call("apply", "ConfigMap", "settings", manifest=config_map("settings", {"level": "2"}), force_conflicts=True),
        call("apply", "ConfigMap", "added", manifest=config_map("added", {"level": "1"})),
    )


def _is_ready(workload: Object) -> bool:
    return bool(workload.get("status", {}).get("readyReplicas") == workload["spec"]["replicas"])
