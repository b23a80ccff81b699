"""Setting images: by the container's name, wherever it stands."""

import pytest

from daytwo.actions.forms import patch
from daytwo.model.change import Patch
from daytwo.model.errors import UsageError
from daytwo.model.live import Live
from daytwo.model.outcome import Seen
from daytwo.model.standing import Stand
from tests.actions.specimens import DONE, action, facts, look, only_step, plan, web
from tests.actions.workloads import deployment, ready
from tests.actions.world import World
from tests.objects import Object
from tests.servers.control_plane import ControlPlane


def three() -> Object:
    """A workload with two containers and one that runs before them."""
    value = web()
    value["spec"]["template"]["spec"] = {
        "initContainers": [{"name": "migrate", "image": "web:1"}],
        "containers": [{"name": "proxy", "image": "proxy:1"}, {"name": "app", "image": "web:1"}],
    }
    return value


def test_containers_are_found_by_name() -> None:
    """By index in the patch, with the name tested: somebody may add one before it."""
    found = plan("set-image", "Deployment", facts(three()), images=["app=web:2", "migrate=web:2"])
    step = only_step(found)
    assert isinstance(step.change, Patch)
    assert [(field.path, field.old, field.new) for field in step.change.fields] == [
        ("/spec/template/spec/containers/1/image", "web:1", "web:2"),
        ("/spec/template/spec/initContainers/0/image", "web:1", "web:2"),
    ]
    assert [(guard.path, guard.value) for guard in step.change.guards[:2]] == [
        ("/spec/template/spec/containers/1/name", "app"),
        ("/spec/template/spec/initContainers/0/name", "migrate"),
    ]
    assert found.title == "set deployment shop/web: app to web:2, migrate to web:2"
    assert found.undo == "set app to web:1, migrate to web:1"
    back = action("set-image").undo(step, DONE)
    assert back is not None
    assert isinstance(back.change, Patch)
    assert [field.new for field in back.change.fields] == ["web:1", "web:1"]


def test_a_container_that_has_moved_is_not_touched() -> None:
    """What stands at its index now is another one, with the same image even."""
    step = only_step(plan("set-image", "Deployment", facts(three()), images=["app=web:2"]))
    moved = three()
    moved["spec"]["template"]["spec"]["containers"][1]["name"] = "worker"
    assert isinstance(step.change, Patch)
    assert patch.standing(step.change, Live(moved)).detail == '/spec/template/spec/containers/1/name is "worker", not "app"'


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (["ap=web:2"], 'has no container "ap"; did you mean "app"?; it has proxy, app, migrate'),
        (["app"], '"app" is no container with its image; write for example app=registry.example/web:1.4'),
        (["app="], '"app=" is no container with its image'),
        (["=web:2"], '"=web:2" is no container with its image'),
        (["app= web:2"], "is no container with its image"),
        (["app=web:2", "app=web:3"], 'container "app" is given two images: web:2 and web:3'),
        ([], "no image is given"),
    ],
)
def test_what_is_mistyped(images: list[str], message: str) -> None:
    """The message says what to write."""
    with pytest.raises(UsageError) as error:
        plan("set-image", "Deployment", facts(three()), images=list(images))
    assert message in str(error.value)


def test_the_same_image_is_there_already() -> None:
    """A tag pushed anew is not pulled by naming it again."""
    found = plan("set-image", "Deployment", facts(three()), images=["app=web:1"])
    assert "nothing is pulled anew: `daytwo act rollout-restart` makes new pods" in found.already
    half = plan("set-image", "Deployment", facts(three()), images=["app=web:1", "proxy=proxy:2"])
    assert half.title == "set deployment shop/web: proxy to proxy:2"


def test_an_image_with_credentials_is_told_without_them() -> None:
    """Some registries take them in the address."""
    found = plan("set-image", "Deployment", facts(three()), images=["app=me:hunter2secret@registry.example/web:2"])
    assert "hunter2secret" not in found.title


@pytest.mark.parametrize(
    ("kind", "spec", "warning"),
    [
        ("Deployment", {"paused": True}, "its rollout is paused: no pod has it before it is resumed"),
        ("DaemonSet", {"updateStrategy": {"type": "OnDelete"}}, "its update strategy is OnDelete: a pod has it after it was deleted"),
    ],
)
def test_where_it_waits_it_is_done_once_it_is_stored(kind: str, spec: Object, warning: str) -> None:
    """That is what the plan said; where it was not said, waiting for nothing has failed."""
    found = plan("set-image", kind, facts(web(kind, spec=spec)), images=["app=web:2"])
    assert found.warnings == (f"{kind.lower()} shop/web: {warning}",)
    assert found.blast.pods == 0
    after = web(kind, spec=spec)
    after["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
    seen = look(only_step(found), facts(after))
    assert (seen.seen, seen.detail) == (Seen.DONE, f"stored; {warning}")
    unforeseen = only_step(plan("set-image", kind, facts(web(kind)), images=["app=web:2"]))
    assert look(unforeseen, facts(after)).seen is Seen.FAILED


@pytest.mark.cluster
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_setting_images_for_real(control_plane: ControlPlane, namespace: str, kind: str) -> None:
    """Every pod runs the new image, and the old one again after the undo."""
    world = World(control_plane, namespace)
    ready(world, deployment(kind=kind, replicas=2, pod={"initContainers": [{"name": "migrate", "image": "web:1"}]}))
    step, outcome = world.carry_out(world.plan("set-image", kind, "web", images=["app=web:2", "migrate=web:2"]))
    assert _images(world) == {("web:2", "web:2")}
    assert world.standing(step.change).stand is Stand.DONE
    assert world.plan("set-image", kind, "web", images=["app=web:2"]).already
    assert world.take_back(step, outcome).seen is Seen.DONE
    assert _images(world) == {("web:1", "web:1")}


@pytest.mark.cluster
def test_an_image_that_cannot_be_pulled_has_failed(control_plane: ControlPlane, namespace: str) -> None:
    """And its undo ends well, though the controller's old verdict still stands in the answer to it."""
    world = World(control_plane, namespace)
    world.client.create(deployment(replicas=2, progressDeadlineSeconds=2), namespace)
    step = only_step(world.plan("set-image", "Deployment", "web", images=["app=web:2"]))
    fault = {"spec": {"template": {"metadata": {"annotations": {"kubelet.daytwo.dev/fault": "image-pull"}}}}}
    world.client.patch("Deployment", "web", fault, namespace)
    outcome = world.do(step)
    assert world.verified(step, outcome).seen is Seen.FAILED
    world.client.patch("Deployment", "web", {"spec": {"template": {"metadata": {"annotations": None}}}}, namespace)
    assert world.take_back(step, outcome).seen is Seen.DONE


def _images(world: World) -> set[tuple[str, str]]:
    pods = (pod for pod in world.client.list_of("Pod", world.namespace) if "deletionTimestamp" not in pod["metadata"])
    return {(pod["spec"]["initContainers"][0]["image"], pod["spec"]["containers"][0]["image"]) for pod in pods}
