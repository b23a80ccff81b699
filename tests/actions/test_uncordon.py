"""Letting new pods be placed on a node again."""

from collections.abc import Iterator

import pytest

from daytwo.model.call import Call
from daytwo.model.target import built_in
from tests.actions.test_cordon import plan, specimen
from tests.actions.world import World
from tests.domains.disruption.pool import Pool, new_pool
from tests.servers.control_plane import ControlPlane


@pytest.fixture
def pool(control_plane: ControlPlane, namespace: str) -> Iterator[Pool]:
    with new_pool(control_plane, namespace, others=0) as pool:
        yield pool


@pytest.mark.cluster
def test_uncordon_is_made_verified_and_taken_back(control_plane: ControlPlane, namespace: str, pool: Pool) -> None:
    """The opposite of a cordon, and the other way round."""
    world = World(control_plane, namespace)
    call = Call("uncordon", built_in("Node", "", pool.first))
    assert world.plan_of(call).already.endswith("is not cordoned")
    pool.open()
    step, outcome = world.carry_out(world.plan_of(call))
    assert "unschedulable" not in world.client.get("Node", pool.first)["spec"]
    world.take_back(step, outcome)
    assert world.client.get("Node", pool.first)["spec"]["unschedulable"] is True


@pytest.mark.parametrize(
    ("taint", "told"),
    [
        ("ToBeDeletedByClusterAutoscaler", "something is removing this node (taint ToBeDeletedByClusterAutoscaler)"),
        ("karpenter.sh/disrupted", "something is removing this node (taint karpenter.sh/disrupted)"),
    ],
)
def test_uncordon_of_a_node_on_its_way_out_is_warned_about(taint: str, told: str) -> None:
    """An autoscaler that removes a node moves what is placed on it meanwhile once more."""
    (warning,) = plan("uncordon", specimen({"key": taint, "effect": "NoSchedule"}, cordoned=True)).warnings
    assert warning.startswith(told)


def test_uncordon_tells_what_else_keeps_pods_away() -> None:
    """A node that is not ready, or reserved, takes no pods yet."""
    made = plan("uncordon", specimen({"key": "gpu", "effect": "NoSchedule"}, cordoned=True, ready=False))
    assert made.warnings == ("the node is not ready: nothing will be placed on it before it is",)
    assert made.effects[-1] == "it still repels pods that do not tolerate gpu"
