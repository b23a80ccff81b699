"""Keeping new pods away from a node, and letting them come again."""

from collections.abc import Iterator

import pytest

from daytwo.model.call import Call
from daytwo.model.outcome import Seen
from daytwo.model.plan import Plan
from daytwo.model.standing import Stand
from daytwo.model.target import built_in
from daytwo.model.tier import Class, Tier
from tests.actions.specimens import facts, look, only_step
from tests.actions.world import World, planned
from tests.domains.disruption.pool import Pool, new_pool
from tests.objects import Object, node
from tests.servers.control_plane import ControlPlane

NODE = built_in("Node", "", "node-1")


@pytest.fixture
def pool(control_plane: ControlPlane, namespace: str) -> Iterator[Pool]:
    with new_pool(control_plane, namespace, others=0) as pool:
        yield pool


def specimen(*taints: Object, cordoned: bool = False, ready: bool = True) -> Object:
    found = node("node-1", ready=ready)
    # A node has no namespace; the facts are asked for one.
    found["metadata"] |= {"namespace": "", "uid": "uid-node-1", "resourceVersion": "7"}
    found["spec"] = {"taints": list(taints)} | ({"unschedulable": True} if cordoned else {})
    return found


def plan(uses: str, value: Object) -> Plan:
    return planned(uses, NODE, facts(value))


@pytest.mark.cluster
def test_cordon_is_made_verified_and_taken_back(control_plane: ControlPlane, namespace: str, pool: Pool) -> None:
    """Field and taint both stand before a cordon is done, and both are gone before it is taken back."""
    world = World(control_plane, namespace)
    made = world.plan_of(Call("cordon", built_in("Node", "", pool.first)))
    assert (made.class_, made.tier, made.blast.nodes, made.undo) == (Class.MUTATING, Tier.T1, 1, "uncordon it")
    step, outcome = world.carry_out(made)
    taints = world.client.get("Node", pool.first)["spec"]["taints"]
    assert {"node.kubernetes.io/unschedulable", "test.daytwo.dev/pool"} <= {taint["key"] for taint in taints}
    again = world.plan_of(Call("cordon", built_in("Node", "", pool.first)))
    assert ", by daytwo " in again.already
    assert world.standing(step.change).stand is Stand.DONE
    world.take_back(step, outcome)
    assert "unschedulable" not in world.client.get("Node", pool.first)["spec"]


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


def test_cordoned_node_is_left_as_it_is() -> None:
    """No step: so nothing that could ever be taken back."""
    made = plan("cordon", specimen(cordoned=True))
    assert made.already == "node node-1 is cordoned already"
    assert made.steps == ()


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


def test_looking_again_waits_for_the_taint_and_sees_who_undid_it() -> None:
    """The field alone keeps nobody away; a field that somebody took back is no cordon."""
    step = only_step(plan("cordon", specimen()))
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    assert look(step, facts(specimen(cordoned=True))).seen is Seen.NOT_YET
    assert look(step, facts(specimen(taint, cordoned=True))).seen is Seen.DONE
    assert look(step, facts(specimen())).detail == "/spec/unschedulable was removed meanwhile"
    assert look(step, facts(absent=[NODE])).seen is Seen.FAILED
