"""Setting resources: written as the API server stores them, so that they are found again."""

import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from daytwo.actions.forms import patch
from daytwo.model.change import Patch
from daytwo.model.errors import UsageError
from daytwo.model.outcome import Seen
from daytwo.model.quantity import canonical
from daytwo.model.standing import Stand
from tests.actions.specimens import facts, look, only_step, plan, web
from tests.actions.workloads import deployment, ready
from tests.actions.world import World, body_of
from tests.objects import Object
from tests.servers.control_plane import ControlPlane

AT = "/spec/template/spec/containers/0/resources"


def asking(**resources: dict[str, str]) -> Object:
    value = web()
    value["spec"]["template"]["spec"]["containers"][0]["resources"] = resources
    return value


def test_absent_ones_are_added_and_taken_away_again() -> None:
    """The undo leaves the container as it was."""
    found = plan(
        "set-resources", "Deployment", facts(asking(limits={"cpu": "2"})), requests=["cpu=0.5,memory=1024Mi"], limits=["memory=1.5Gi"]
    )
    step = only_step(found)
    assert isinstance(step.change, Patch)
    assert [(field.path, field.old, field.new) for field in step.change.fields] == [
        (f"{AT}/requests/cpu", None, "500m"),
        (f"{AT}/requests/memory", None, "1Gi"),
        (f"{AT}/limits/memory", None, "1536Mi"),
    ]
    assert found.title == (
        "set the resources of container app of deployment shop/web: cpu request 500m, memory request 1Gi, memory limit 1536Mi"
    )
    assert found.undo == "set cpu request none, memory request none, memory limit none"
    assert [field.new for field in patch.inverse(step.change).fields] == [None, None, None]


def test_an_amount_left_out_takes_the_resource_away() -> None:
    """`cpu=` means no limit, and not zero."""
    value = asking(limits={"cpu": "2", "nvidia.com/gpu": "1"})
    found = plan("set-resources", "Deployment", facts(value), limits=["cpu=", "nvidia.com/gpu=2"])
    step = only_step(found)
    assert isinstance(step.change, Patch)
    assert [(field.path, field.old, field.new) for field in step.change.fields] == [
        (f"{AT}/limits/cpu", "2", None),
        (f"{AT}/limits/nvidia.com~1gpu", "1", "2"),
    ]
    assert found.title.endswith(": cpu limit none, nvidia.com/gpu limit 2")


def test_the_same_amount_in_other_words_is_there_already() -> None:
    """1000m is 1; and what the API server keeps in another form is no reason to roll anything out."""
    given = facts(asking(requests={"cpu": "1.001", "memory": "1Gi"}))
    found = plan("set-resources", "Deployment", given, requests=["cpu=1001m", "memory=1024Mi"])
    assert found.already == "container app of deployment shop/web has these requests and limits"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "nothing is to be changed; write for example --requests cpu=250m"),
        ({"requests": ["cpu"]}, '--requests: "cpu" is no resource with its amount'),
        ({"limits": ["memory=lots"]}, "--limits memory: 'lots' is not a quantity"),
        ({"requests": ["cpu=2"]}, "cpu: the request 2 would be above the limit 1; change both, or write cpu= for no limit"),
        ({"limits": ["memory=1Mi"]}, "memory: the request 2Mi would be above the limit 1Mi"),
        ({"container": "web", "limits": ["cpu=1"]}, 'has no container "web"; it has app'),
    ],
)
def test_what_is_mistyped(params: dict[str, list[str]], message: str) -> None:
    """The message says what to write."""
    value = asking(requests={"memory": "2Mi"}, limits={"cpu": "1"})
    with pytest.raises(UsageError) as error:
        plan("set-resources", "Deployment", facts(value), **params)  # type: ignore[arg-type]
    assert message in str(error.value)


def test_one_of_several_containers_is_named() -> None:
    """Which of them is meant is nobody's to guess."""
    value = web()
    value["spec"]["template"]["spec"]["containers"].append({"name": "proxy", "image": "proxy:1"})
    with pytest.raises(UsageError, match="has 2 containers; write --container with one of app, proxy"):
        plan("set-resources", "Deployment", facts(value), limits=["cpu=1"])
    step = only_step(plan("set-resources", "Deployment", facts(value), container="proxy", limits=["cpu=1"]))
    assert isinstance(step.change, Patch)
    assert step.change.fields[0].path == "/spec/template/spec/containers/1/resources/limits/cpu"


def test_what_somebody_set_meanwhile_has_failed() -> None:
    """An operator, or the next apply."""
    step = only_step(plan("set-resources", "Deployment", facts(web()), limits=["cpu=2"]))
    found = look(step, facts(asking(limits={"cpu": "1"})))
    assert (found.seen, found.detail) == (Seen.FAILED, f'{AT}/limits/cpu was set to "1" meanwhile')


@pytest.mark.cluster
def test_setting_resources_for_real(control_plane: ControlPlane, namespace: str) -> None:
    """From none to some and back to none."""
    world = World(control_plane, namespace)
    ready(world, deployment(replicas=2))
    asked = {"requests": ["cpu=0.1,memory=1024Mi"], "limits": ["memory=1.5Gi"]}
    step, outcome = world.carry_out(world.plan("set-resources", "Deployment", "web", **asked))  # type: ignore[arg-type]
    assert _resources(world) == {"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"memory": "1536Mi"}}
    assert world.standing(step.change).stand is Stand.DONE
    assert world.plan("set-resources", "Deployment", "web", **asked).already  # type: ignore[arg-type]
    assert world.take_back(step, outcome).seen is Seen.DONE
    assert _resources(world) == {}


AMOUNTS = st.tuples(
    st.one_of(st.integers(0, 5000).map(str), st.decimals(0, 5000, places=3, allow_nan=False).map(str)),
    st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E2", "u", "n"]),
).map("".join)


@pytest.mark.cluster
def test_the_api_server_keeps_amounts_as_they_are_written(control_plane: ControlPlane, namespace: str) -> None:
    """Held against its dry run, for what may be a fraction; and a step's values are those that are stored."""
    world = World(control_plane, namespace)
    ready(world, deployment(replicas=1))
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    query = {"dryRun": "All", "fieldManager": "daytwo"}

    @settings(max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(AMOUNTS, min_size=21, max_size=21))
    def check(amounts: list[str]) -> None:
        written = [canonical(amount) for amount in amounts]
        lists = [dict(zip(("cpu", "memory", "ephemeral-storage"), written[first : first + 3], strict=True)) for first in range(0, 21, 3)]
        containers = [{"name": f"c{index}", "image": "web:1", "resources": {"limits": limits}} for index, limits in enumerate(lists)]
        operations = [{"op": "replace", "path": "/spec/template/spec/containers", "value": containers}]
        answer = world.client.request("PATCH", path, operations, query, "application/json-patch+json")
        stored = [container["resources"]["limits"] for container in answer["spec"]["template"]["spec"]["containers"]]
        assert stored == lists

    check()
    step = only_step(world.plan("set-resources", "Deployment", "web", requests=["memory=1.5Gi"]))
    rehearsed = world.rehearse(world.request(step.change))
    assert rehearsed.status == 200, json.loads(rehearsed.body)
    assert isinstance(step.change, Patch)
    assert patch.as_stored(step.change, body_of(rehearsed)) == step.change


def _resources(world: World) -> Object:
    found: Object = world.spec("Deployment", "web")["template"]["spec"]["containers"][0]["resources"]
    return found
