"""Pausing a rollout, and resuming it."""

import pytest

from daytwo.actions.forms import patch
from daytwo.model.change import Patch
from daytwo.model.outcome import Seen
from daytwo.model.tier import Tier
from tests.actions.specimens import DONE, action, facts, look, only_step, plan, web
from tests.actions.workloads import deployment, ready
from tests.actions.world import World
from tests.objects import Object
from tests.servers.control_plane import ControlPlane


def test_what_it_plans() -> None:
    """Absent becomes true, and absent again by its undo."""
    found = plan("rollout-pause", "Deployment", facts(web()))
    step = only_step(found)
    assert isinstance(step.change, Patch)
    assert [(field.path, field.old, field.new) for field in step.change.fields] == [("/spec/paused", None, True)]
    assert [(field.old, field.new) for field in patch.inverse(step.change).fields] == [(True, None)]
    assert (found.tier, found.undo, found.blast.pods) == (Tier.T1, "resume the rollout", 0)
    back = action("rollout-pause").undo(step, DONE)
    assert back is not None
    assert back.title == "resume the rollout of deployment shop/web"


def test_a_rollout_under_way_is_told() -> None:
    """It stops half-way, with pods of both templates."""
    found = plan("rollout-pause", "Deployment", facts(web(status={"updatedReplicas": 1, "replicas": 4})))
    assert found.effects[1] == "a rollout is under way and stops where it is: 1 of 3 updated, 3 available"


def test_one_that_is_paused_stays_so() -> None:
    """Nothing is to be done."""
    assert plan("rollout-pause", "Deployment", facts(web(spec={"paused": True}))).already == "deployment shop/web is paused"


@pytest.mark.parametrize(
    ("spec", "status", "seen", "detail"),
    [
        ({"paused": True}, {}, Seen.DONE, "paused with 3 of 3 pods updated"),
        ({"paused": True}, {"observedGeneration": 1}, Seen.NOT_YET, "its controller has not looked at it yet"),
        ({}, {}, Seen.FAILED, "/spec/paused was removed meanwhile"),
    ],
)
def test_when_it_is_done(spec: Object, status: Object, seen: Seen, detail: str) -> None:
    """The controller has to have seen it: before that it may still start a pod."""
    step = only_step(plan("rollout-pause", "Deployment", facts(web())))
    found = look(step, facts(web(spec=spec, status=status)))
    assert (found.seen, found.detail) == (seen, detail)


@pytest.mark.cluster
def test_pausing_for_real(control_plane: ControlPlane, namespace: str) -> None:
    """A change waits; the undo rolls it out and leaves the field as absent as it was."""
    world = World(control_plane, namespace)
    ready(world, deployment(replicas=2))
    step, outcome = world.carry_out(world.plan("rollout-pause", "Deployment", "web"))
    assert world.plan("rollout-pause", "Deployment", "web").already
    assert world.plan("rollout-restart", "Deployment", "web").blocked
    waiting, _ = world.carry_out(world.plan("set-image", "Deployment", "web", images=["app=web:2"]))
    assert _images(world) == {"web:1"}
    assert "stored; its rollout is paused" in world.look(waiting, outcome).detail
    assert world.take_back(step, outcome).detail == "2 of 2 updated, 2 available"
    assert _images(world) == {"web:2"}
    assert "paused" not in world.spec("Deployment", "web")


def _images(world: World) -> set[str]:
    return {pod["spec"]["containers"][0]["image"] for pod in world.client.list_of("Pod", world.namespace)}
