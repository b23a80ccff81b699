"""A budget's sums, held against those of the real disruption controller."""

import asyncio

import pytest

from daytwo.domains.disruption.arithmetic import Count, count
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot
from daytwo.sources.kubernetes.live import open_cluster
from tests.domains.disruption.world import KINDS, bare_pod, budget, wait_settled, workload
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until
from tests.sources.kubernetes.looking import QUICK


def look(control_plane: ControlPlane, namespace: str) -> Snapshot:
    async def read() -> Snapshot:
        async with open_cluster(None, control_plane.kubeconfig(), patience=QUICK, environment={}) as cluster:
            return await cluster.read(Scope((namespace,), KINDS), lambda progress: None)

    return asyncio.run(read())


@pytest.mark.cluster
def test_sums_are_those_of_the_disruption_controller(control_plane: ControlPlane, namespace: str) -> None:
    """Every shape of budget over every sort of pod: expected, desired, healthy and allowed are what the controller writes."""
    client = control_plane.client()
    client.apply_all(
        [
            workload("Deployment", "web", 5),
            workload("Deployment", "weak", 3, fault="not-ready"),
            workload("StatefulSet", "db", 3),
            workload("ReplicaSet", "old", 2),
            workload("DaemonSet", "agent"),
            bare_pod("alone", "alone"),
            bare_pod("stray", "web"),
        ],
        namespace,
    )
    shapes: list[tuple[str, dict[str, int | str]]] = [
        ("web", {"minAvailable": 2}),
        ("web", {"minAvailable": "50%"}),
        ("web", {"minAvailable": "100%"}),
        ("web", {"minAvailable": 0}),
        ("web", {"maxUnavailable": 1}),
        ("web", {"maxUnavailable": "30%"}),
        ("web", {"maxUnavailable": "0%"}),
        ("web", {"maxUnavailable": 9}),
        ("web", {}),
        ("weak", {"minAvailable": 1}),
        ("weak", {"maxUnavailable": "100%"}),
        ("db", {"minAvailable": "34%"}),
        ("db", {"maxUnavailable": 0}),
        ("old", {"maxUnavailable": "1%"}),
        ("old", {"minAvailable": 3}),
        ("agent", {"minAvailable": 1}),
        ("agent", {"maxUnavailable": 1}),
        ("alone", {"minAvailable": 1}),
        ("alone", {"maxUnavailable": 1}),
        ("nobody", {"minAvailable": 1}),
        ("nobody", {"maxUnavailable": "50%"}),
    ]
    client.apply_all([budget(f"shape-{number}", app, **spec) for number, (app, spec) in enumerate(shapes)], namespace)
    client.apply(budget("everybody", None, maxUnavailable="20%"), namespace)
    client.apply(budget("everybody-whole", None, minAvailable=4), namespace)
    nodes = len([node for node in client.list_of("Node") if not node["spec"].get("unschedulable")])
    wait_settled(client, namespace, pods=15 + nodes, ready=12 + nodes)

    def differences() -> list[str]:
        snapshot = look(control_plane, namespace)
        return [told for one in snapshot.of(PodDisruptionBudget, namespace) if (told := _difference(one, snapshot))]

    until(lambda: not differences(), "all sums to agree", 20)


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
