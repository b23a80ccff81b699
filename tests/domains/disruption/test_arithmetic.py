"""A budget's sums, held against those of the real disruption controller."""

import pytest

from tests.domains.disruption.world import bare_pod, budget, differences, look, wait_settled, workload
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import DeadlinePassed, until


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
    nodes = len([node for node in client.list_of("Node") if not node["spec"].get("unschedulable")])
    wait_settled(client, namespace, pods=15 + nodes, ready=12 + nodes)
    # Only now: a sum that fails is made again ever more seldom, so controllers had better be known.
    client.apply_all([budget(f"shape-{number}", app, **spec) for number, (app, spec) in enumerate(shapes)], namespace)
    client.apply(budget("everybody", None, maxUnavailable="20%"), namespace)
    client.apply(budget("everybody-whole", None, minAvailable=4), namespace)
    found: list[str] = []

    def agree() -> bool:
        found[:] = differences(look(control_plane, namespace), namespace)
        return not found

    try:
        until(agree, "all sums to agree")
    except DeadlinePassed as passed:
        raise AssertionError("\n".join(found)) from passed
