"""Keeping new pods away from a node."""

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


def test_cordoned_node_is_left_as_it_is() -> None:
    """No step: so nothing that could ever be taken back."""
    made = plan("cordon", specimen(cordoned=True))
    assert made.already == "node node-1 is cordoned already"
    assert made.steps == ()


def test_looking_again_waits_for_the_taint_and_sees_who_undid_it() -> None:
    """The field alone keeps nobody away; a field that somebody took back is no cordon."""
    step = only_step(plan("cordon", specimen()))
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    assert look(step, facts(specimen(cordoned=True))).seen is Seen.NOT_YET
    assert look(step, facts(specimen(taint, cordoned=True))).seen is Seen.DONE
    assert look(step, facts(specimen())).detail == "/spec/unschedulable was removed meanwhile"
    assert look(step, facts(absent=[NODE])).seen is Seen.FAILED
