"""Workloads with disruption budgets on the real control plane, and a snapshot of them as drains are planned on."""

import asyncio
from typing import Final

from daytwo.domains.disruption.arithmetic import Count, count
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot
from daytwo.sources.kubernetes.live import open_cluster
from tests.servers import kubelet
from tests.servers.client import Client, Object
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until
from tests.sources.kubernetes.looking import QUICK

KINDS: Final = (
    "Node",
    "Pod",
    "PodDisruptionBudget",
    "ReplicaSet",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "PersistentVolumeClaim",
    "PersistentVolume",
)


def template(name: str, fault: str = "", spec: Object | None = None) -> Object:
    metadata: Object = {"labels": {"app": name}}
    if fault:
        metadata["annotations"] = dict(kubelet.annotations(fault))
    containers = [{"name": "app", "image": "registry.test/web:1"}]
    # Not 0: a pod that is never seen terminating counts as disrupted for two minutes more, once another has its name.
    return {"metadata": metadata, "spec": {"containers": containers, "terminationGracePeriodSeconds": 1, **(spec or {})}}


def workload(kind: str, name: str, replicas: int = 3, fault: str = "", spec: Object | None = None) -> Object:
    found: Object = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template(name, fault, spec)},
    }
    if kind != "DaemonSet":
        found["spec"]["replicas"] = replicas
    if kind == "StatefulSet":
        found["spec"] |= {"serviceName": name, "podManagementPolicy": "Parallel"}
    return found


def bare_pod(name: str, app: str, spec: Object | None = None) -> Object:
    made = template(app, spec=spec)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **made["metadata"]}, "spec": made["spec"]}


def budget(name: str, app: str | None, **spec: int | str) -> Object:
    """A budget for the pods of one app; without an app its selector is empty, and so selects all."""
    selector: Object = {"matchLabels": {"app": app}} if app is not None else {}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"selector": selector, **spec},
    }


def wait_settled(client: Client, namespace: str, pods: int, ready: int) -> None:
    """Until there are so many pods, so many of them Ready, and every budget has counted them."""

    def is_settled() -> bool:
        found = [pod for pod in client.list_of("Pod", namespace) if "deletionTimestamp" not in pod["metadata"]]
        started = [pod for pod in found if pod["status"].get("containerStatuses") or pod["status"]["phase"] == "Pending"]
        return len(found) == len(started) == pods and sum(map(is_ready, found)) == ready and all(map(is_observed, budgets()))

    def budgets() -> list[Object]:
        return client.list_of("PodDisruptionBudget", namespace)

    until(is_settled, f"{pods} pods, {ready} of them ready, and their budgets")


def is_ready(pod: Object) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", ()))


def is_observed(budget: Object) -> bool:
    """A count that failed says so, and leaves no generation."""
    status = budget.get("status", {})
    has_failed = any(one["reason"] == "SyncFailed" for one in status.get("conditions", ()))
    return bool(has_failed or status.get("observedGeneration", 0) >= budget["metadata"]["generation"])


def look(plane: ControlPlane, *namespaces: str) -> Snapshot:
    """What a drain looks at; in the whole cluster unless namespaces are given."""

    async def read() -> Snapshot:
        async with open_cluster(None, plane.kubeconfig(), patience=QUICK, environment={}) as cluster:
            return await cluster.read(Scope(namespaces, KINDS), lambda progress: None)

    return asyncio.run(read())


def wait_counted(plane: ControlPlane, namespace: str) -> None:
    """Until every budget has counted all pods as they are, and none as disrupted."""

    def are_counted() -> bool:
        snapshot = look(plane, namespace)
        return not differences(snapshot, namespace) and not any(one.status.disrupted_pods for one in snapshot.seen(PodDisruptionBudget))

    until(are_counted, "budgets to be counted", 150)


def differences(snapshot: Snapshot, namespace: str) -> list[str]:
    """Where the sums of budgets are not those that the disruption controller has written."""
    return [told for one in snapshot.of(PodDisruptionBudget, namespace) if (told := _difference(one, snapshot))]


def _difference(one: PodDisruptionBudget, snapshot: Snapshot) -> str:
    status = one.status
    ours = count(one, snapshot)
    theirs = Count(status.expected_pods, status.desired_healthy, status.current_healthy)
    failed = one.condition("DisruptionAllowed")
    if failed is not None and failed.reason == "SyncFailed":
        return "" if ours.fault and ours.allowed == status.disruptions_allowed == 0 else f"{one.name}: {failed.message}, not {ours}"
    if (ours, ours.allowed) == (theirs, status.disruptions_allowed):
        return ""
    return f"{one.name}: {ours} allows {ours.allowed}, {theirs} allows {status.disruptions_allowed}"
