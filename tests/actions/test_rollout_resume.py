"""Resuming a rollout: what waits, and when all of it is out."""

import pytest

from daytwo.model.outcome import Seen
from daytwo.model.target import built_in
from tests.actions.specimens import DONE, action, facts, look, only_step, plan, web
from tests.actions.workloads import deployment, ready
from tests.actions.world import World
from tests.objects import Object
from tests.servers.control_plane import ControlPlane

REPLICA_SETS = built_in("ReplicaSet", "shop", "")


def replica_set(image: str) -> Object:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": image, "resources": {}}]}}
    owners = [{"uid": "uid-web", "controller": True}]
    notes = {"deployment.kubernetes.io/revision": "1"}
    return {"metadata": {"name": "web-1", "ownerReferences": owners, "annotations": notes}, "spec": {"template": template}}


@pytest.mark.parametrize(
    ("newest", "effect", "pods"),
    [
        ("web:1", "nothing waits: its pods have the present template", 0),
        ("web:0", "the waiting change is rolled out: app web:1", 3),
    ],
)
def test_what_waits_is_told(newest: str, effect: str, pods: int) -> None:
    """Told from the newest kept template: what changed since nobody has run yet."""
    found = plan("rollout-resume", "Deployment", facts(web(spec={"paused": True}), lists={REPLICA_SETS: [replica_set(newest)]}))
    assert found.effects[0] == effect
    assert found.blast.pods == pods


def test_templates_that_nobody_may_see_are_unknown() -> None:
    """Then it is planned as if everything rolled."""
    found = plan("rollout-resume", "Deployment", facts(web(spec={"paused": True}), hidden=[REPLICA_SETS]))
    assert found.unknowns == ("whether anything is rolled out: replicasets in shop: forbidden for user viewer",)
    assert found.blast.pods == 3


def test_one_that_is_not_paused_goes_on() -> None:
    """Nothing is to be done."""
    assert plan("rollout-resume", "Deployment", facts(web(), lists={REPLICA_SETS: []})).already == "deployment shop/web is not paused"


@pytest.mark.parametrize(
    ("status", "seen"),
    [({}, Seen.DONE), ({"updatedReplicas": 1}, Seen.NOT_YET), ({"observedGeneration": 1}, Seen.NOT_YET)],
)
def test_when_it_is_done(status: Object, seen: Seen) -> None:
    """Resumed means rolled out."""
    step = only_step(plan("rollout-resume", "Deployment", facts(web(spec={"paused": True}), lists={REPLICA_SETS: []})))
    assert look(step, facts(web(status=status))).seen is seen
    back = action("rollout-resume").undo(step, DONE)
    assert back is not None
    assert back.title == "pause the rollout of deployment shop/web"


@pytest.mark.cluster
def test_resuming_for_real(control_plane: ControlPlane, namespace: str) -> None:
    """What waits is named before, and runs after."""
    world = World(control_plane, namespace)
    ready(world, deployment(replicas=2))
    world.client.patch("Deployment", "web", {"spec": {"paused": True}}, namespace)
    idle = world.plan("rollout-resume", "Deployment", "web")
    assert idle.effects == ("nothing waits: its pods have the present template",)
    world.client.patch(
        "Deployment", "web", {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "web:2"}]}}}}, namespace
    )
    found = world.plan("rollout-resume", "Deployment", "web")
    assert found.effects[0] == "the waiting change is rolled out: app web:2"
    step, outcome = world.carry_out(found)
    assert world.look(step, outcome).detail == "2 of 2 updated, 2 available"
    assert world.take_back(step, outcome).detail == "paused with 2 of 2 pods updated"
    assert world.spec("Deployment", "web")["paused"] is True
