"""Going back to an earlier revision: which one, what of it, and the same on the real API server."""

from typing import Any

import msgspec
import pytest

from daytwo.model.change import Patch
from daytwo.model.errors import UsageError
from daytwo.model.gap import Unseen
from daytwo.model.masking_json import mask_json
from daytwo.model.outcome import Seen
from daytwo.model.standing import Stand
from daytwo.model.target import Target, built_in
from daytwo.model.tier import Tier
from tests.actions.specimens import DONE, action, facts, look, only_step, plan, web
from tests.actions.workloads import deployment, ready, wait_ready
from tests.actions.world import World
from tests.objects import Object
from tests.servers.control_plane import ControlPlane

REPLICA_SETS = built_in("ReplicaSet", "shop", "")
REVISIONS = built_in("ControllerRevision", "shop", "")
REVISION = "deployment.kubernetes.io/revision"


def container(image: str, **more: Any) -> Object:
    return {"name": "app", "image": image, "resources": {}, **more}


def kept(number: int, *containers: Object, keeper: Target = REPLICA_SETS) -> Object:
    template: Object = {"metadata": {"labels": {"app": "web", "pod-template-hash": "x"}}, "spec": {"containers": list(containers)}}
    metadata: Object = {"name": f"web-{number}", "ownerReferences": [{"uid": "uid-web", "controller": True}]}
    if keeper is REVISIONS:
        return {"metadata": metadata, "revision": number, "data": {"spec": {"template": {"$patch": "replace", **template}}}}
    return {"metadata": {**metadata, "annotations": {REVISION: str(number)}}, "spec": {"template": template}}


def now(*containers: Object, revision: int = 3, kind: str = "Deployment", **more: Any) -> Object:
    value = web(kind, annotations={REVISION: str(revision)}, **more)
    value["spec"]["template"]["spec"]["containers"] = list(containers)
    return value


HISTORY = {REPLICA_SETS: [kept(1, container("web:1")), kept(2, container("web:2")), kept(3, container("web:3"))]}


@pytest.mark.parametrize(("to_revision", "image", "number"), [(None, "web:2", 2), (1, "web:1", 1), (2, "web:2", 2)])
def test_which_revision_it_is(to_revision: int | None, image: str, number: int) -> None:
    """The one before the present one, unless another is named."""
    found = plan("rollout-undo", "Deployment", facts(now(container("web:3")), lists=HISTORY), to_revision=to_revision)
    step = only_step(found)
    assert isinstance(step.change, Patch)
    assert found.title == f"roll deployment shop/web back to revision {number}"
    assert [(field.path, field.old, field.new) for field in step.change.fields] == [
        ("/spec/template/spec/containers/0/image", "web:3", image)
    ]
    assert found.effects[0] == f"app: web:3 → {image}"
    assert (found.tier, found.undo) == (Tier.T1, "go forward to revision 3, which then has a new number")


def test_only_the_template_that_it_was_planned_on_is_taken_back() -> None:
    """Sent late it would otherwise undo a newer rollout: the revision, the names on the way and the pause must be as they were."""
    step = only_step(plan("rollout-undo", "Deployment", facts(now(container("web:3")), lists=HISTORY)))
    assert isinstance(step.change, Patch)
    assert [(guard.path, guard.value, guard.until_done) for guard in step.change.guards] == [
        ("/metadata/annotations/deployment.kubernetes.io~1revision", "3", True),
        ("/spec/template/spec/containers/0/name", "app", False),
        ("/spec/paused", None, False),
    ]


def test_a_revision_that_is_not_kept() -> None:
    """The message lists those that are, with their images."""
    with pytest.raises(UsageError, match=r"revision 9 is not kept; write one of 3 \(app web:3\), 2 \(app web:2\), 1 \(app web:1\)"):
        plan("rollout-undo", "Deployment", facts(now(container("web:3")), lists=HISTORY), to_revision=9)


def test_the_present_revision_is_there_already() -> None:
    """Nothing is to be done."""
    found = plan("rollout-undo", "Deployment", facts(now(container("web:3")), lists=HISTORY), to_revision=3)
    assert found.already == "deployment shop/web has the template of revision 3"


def test_without_history_it_is_blocked() -> None:
    """revisionHistoryLimit 0, or the first rollout."""
    value = now(container("web:3"), spec={"revisionHistoryLimit": 0})
    found = plan("rollout-undo", "Deployment", facts(value, lists={REPLICA_SETS: [kept(3, container("web:3"))]}))
    assert found.blocked == "deployment shop/web has no earlier revision: its controller keeps none (revisionHistoryLimit 0)"


def test_a_paused_deployment_is_not_rolled_back() -> None:
    """The template would go back and no pod would."""
    value = now(container("web:3"))
    value["spec"]["paused"] = True
    assert plan("rollout-undo", "Deployment", facts(value, lists=HISTORY)).blocked == (
        "no pod would go back: its rollout is paused; resume it first: `daytwo act rollout-resume deployment/web -n shop`"
    )


def test_after_a_restart_it_says_which_revision_has_other_images() -> None:
    """The revision before is the same but for the mark of the restart: that is hardly what somebody wants back."""
    restarted = now(container("web:3"), revision=4)
    mark = {"kubectl.kubernetes.io/restartedAt": "2026-11-20T07:00:00Z"}
    restarted["spec"]["template"]["metadata"]["annotations"] = mark
    newest = kept(4, container("web:3"))
    newest["spec"]["template"]["metadata"]["annotations"] = mark
    found = plan("rollout-undo", "Deployment", facts(restarted, lists={REPLICA_SETS: [*HISTORY[REPLICA_SETS], newest]}))
    assert found.title.endswith("revision 3")
    assert found.effects[0] == "the images stay as they are; revision 2 has app web:2 (--to-revision 2)"


def test_hidden_history_is_unknown() -> None:
    """Without it there is nothing to plan."""
    with pytest.raises(Unseen, match="replicasets in shop: forbidden"):
        plan("rollout-undo", "Deployment", facts(now(container("web:3")), hidden=[REPLICA_SETS]))


def test_a_template_that_nobody_has_seen_rolled_out_goes_back_to_the_newest_kept() -> None:
    """Its controller has not looked yet: what it keeps is all older."""
    value = now(container("web:4"), status={"observedGeneration": 1})
    assert plan("rollout-undo", "Deployment", facts(value, lists=HISTORY)).title.endswith("revision 3")


def test_a_template_with_a_field_filled_in_later_counts_as_the_newest() -> None:
    """A newer API server adds defaults: no kept template equals the present one any more."""
    value = now(container("web:3", restartPolicyRules=[]))
    assert plan("rollout-undo", "Deployment", facts(value, lists=HISTORY)).title.endswith("revision 2")


SECRET = "correct-horse-battery"


def test_secrets_stay_out_of_the_change_or_are_found_in_it() -> None:
    """One that both templates share is no part of it; one that differs is masked by whoever writes the change down."""
    password = {"name": "DB_PASSWORD", "value": SECRET}
    same = [kept(2, container("web:2", env=[password])), kept(3, container("web:3", env=[password]))]
    step = only_step(plan("rollout-undo", "Deployment", facts(now(container("web:3", env=[password])), lists={REPLICA_SETS: same})))
    assert SECRET not in str(step)
    other = [kept(2, container("web:2", env=[{**password, "value": SECRET + "2"}])), kept(3, container("web:3", env=[password]))]
    found = plan("rollout-undo", "Deployment", facts(now(container("web:3", env=[password])), lists={REPLICA_SETS: other}))
    assert SECRET in str(found.steps)
    assert (found.undo, found.tier) == ("", Tier.T2)
    assert "never written down" in found.no_undo
    assert action("rollout-undo").undo(only_step(found), DONE) is None
    assert action("rollout-undo").undo(step, DONE) is not None
    assert SECRET not in str(mask_json(msgspec.to_builtins(found)))


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_the_other_kinds_keep_controller_revisions(kind: str) -> None:
    """The template is the same, and what says which revision is present differs."""
    history = {REVISIONS: [kept(1, container("web:1"), keeper=REVISIONS), kept(2, container("web:2"), keeper=REVISIONS)]}
    found = plan("rollout-undo", kind, facts(now(container("web:2"), kind=kind), lists=history))
    step = only_step(found)
    assert isinstance(step.change, Patch)
    assert step.change.fields[0].new == "web:1"
    assert any(guard.until_done for guard in step.change.guards)


def test_a_stuck_stateful_set_is_told_what_undo_does_not_do() -> None:
    """Under OrderedReady the bad pod stays until somebody deletes it."""
    history = {REVISIONS: [kept(1, container("web:1"), keeper=REVISIONS), kept(2, container("web:2"), keeper=REVISIONS)]}
    value = now(container("web:2"), kind="StatefulSet", status={"readyReplicas": 2})
    found = plan("rollout-undo", "StatefulSet", facts(value, lists=history))
    assert found.warnings == ("a pod of statefulset shop/web that never got ready is not replaced: delete it once this is done",)


def test_a_template_that_somebody_changed_meanwhile_has_failed() -> None:
    """The rollout that ends well is another one."""
    step = only_step(plan("rollout-undo", "Deployment", facts(now(container("web:3")), lists=HISTORY)))
    found = look(step, facts(now(container("web:4"))))
    assert (found.seen, found.detail) == (Seen.FAILED, '/spec/template/spec/containers/0/image was set to "web:4" meanwhile')


def _set_image(world: World, kind: str, image: str) -> None:
    template = {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": image}]}}}}
    world.client.patch(kind, "web", template, world.namespace)
    wait_ready(world, kind, "web")


@pytest.mark.cluster
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_undoing_for_real(control_plane: ControlPlane, namespace: str, kind: str) -> None:
    """Back, and forward again: the revision has a new number, its template is known all the same."""
    world = World(control_plane, namespace)
    ready(world, deployment(kind=kind, replicas=2))
    assert world.plan("rollout-undo", kind, "web").blocked
    _set_image(world, kind, "web:2")
    _set_image(world, kind, "web:3")
    step, outcome = world.carry_out(world.plan("rollout-undo", kind, "web"))
    assert _image(world, kind) == "web:2"
    assert world.standing(step.change).stand is Stand.DONE
    again = world.plan("rollout-undo", kind, "web")
    assert again.effects[0] == "app: web:2 → web:3", "undone twice it toggles, and the plan says so"
    assert world.take_back(step, outcome).seen is Seen.DONE
    assert _image(world, kind) == "web:3"
    world.carry_out(world.plan("rollout-undo", kind, "web", to_revision=1))
    assert _image(world, kind) == "web:1"


@pytest.mark.cluster
def test_a_newer_rollout_is_not_undone(control_plane: ControlPlane, namespace: str) -> None:
    """Planned on one, it is refused on another, even where the field that it changes looks the same."""
    world = World(control_plane, namespace)
    ready(world, deployment(replicas=1))
    _set_image(world, "Deployment", "web:2")
    step = only_step(world.plan("rollout-undo", "Deployment", "web"))
    late = world.request(step.change)
    annotation = {"spec": {"template": {"metadata": {"annotations": {"config": "2"}}}}}
    world.client.patch("Deployment", "web", annotation, namespace)
    wait_ready(world, "Deployment", "web")
    assert world.standing(step.change).detail.endswith('revision is "3", not "2"')
    assert world.send(late).status == 422


@pytest.mark.cluster
def test_who_may_not_list_replica_sets_is_told(control_plane: ControlPlane, namespace: str) -> None:
    """Hidden is unknown."""
    world = World(control_plane, namespace)
    ready(world, deployment(replicas=1))
    with pytest.raises(Unseen, match="forbidden for user nobody"):
        World(control_plane, namespace, "nobody").plan("rollout-undo", "Deployment", "web")


def _image(world: World, kind: str) -> str:
    image: str = world.spec(kind, "web")["template"]["spec"]["containers"][0]["image"]
    return image
