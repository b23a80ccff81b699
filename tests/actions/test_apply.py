"""Applying manifests: one state of the object, one request, and back again; nobody's fields are taken by accident."""

import json

import msgspec
import pytest

from daytwo.actions.forms import answer, apply
from daytwo.catalog import find_action
from daytwo.domains.changes.diff import differences
from daytwo.model.change import Apply, Delete
from daytwo.model.errors import UsageError
from daytwo.model.json import Json, Object, at
from daytwo.model.live import Live
from daytwo.model.outcome import Seen, Status
from daytwo.model.plan import Plan
from daytwo.model.request import Response
from daytwo.model.standing import Stand
from daytwo.model.target import built_in
from daytwo.model.tier import Class
from daytwo.model.withholding import as_recorded, is_withheld
from tests.actions.world import World
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until

pytestmark = pytest.mark.cluster


def config(**data: Json) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {**data}}


def deployment(replicas: int = 1, **container: Json) -> Object:
    template: Json = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "web:1", **container}]}}
    spec: Json = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}


@pytest.fixture
def world(control_plane: ControlPlane, namespace: str) -> World:
    return World(control_plane, namespace)


def planned(world: World, manifest: Object, *, force: bool = False) -> Plan:
    return world.plan("apply", str(manifest["kind"]), "web", manifest=manifest, force_conflicts=force)


def change_of(plan: Plan) -> Apply:
    (step,) = plan.steps
    assert isinstance(step.change, Apply)
    return step.change


def data(world: World) -> Object:
    found: Object = world.client.get("ConfigMap", "web", world.namespace)["data"]
    return found


def test_an_object_is_created_changed_and_taken_back_step_by_step(world: World) -> None:
    """What a manifest leaves out and only we had applied goes; the undo brings it back, and the last one deletes by uid."""
    created = planned(world, config(a="1", b="2"))
    assert (created.title, created.undo) == (f"create configmap {world.namespace}/web", f"delete configmap {world.namespace}/web")
    first = world.carry_out(created)
    assert planned(world, config(a="1", b="2")).already
    changed = planned(world, config(a="3", c="4"))
    assert change_of(changed).before["data"] == {"a": "1", "b": "2"}
    second = world.carry_out(changed)
    assert data(world) == {"a": "3", "c": "4"}
    world.take_back(*second)
    assert data(world) == {"a": "1", "b": "2"}
    back = find_action("apply").module.undo(*first)
    assert back is not None
    assert isinstance(back.change, Delete)
    assert back.class_ is Class.DESTRUCTIVE
    world.take_back(*first)
    assert world.client.find("ConfigMap", "web", world.namespace) is None


def test_a_field_of_another_manager_is_named_and_taken_only_by_force(world: World) -> None:
    """The refusal names field, manager and flag; with the flag it is taken, and given back by the undo."""
    world.plane.client(field_manager="someone").apply(config(a="1", b="2"), world.namespace)
    plan = planned(world, config(a="3"))
    refusal = world.rehearse(world.request(change_of(plan)))
    assert refusal.status == 409
    told = answer.told(refusal)
    assert ".data.a" in told
    assert '"someone"' in told
    assert "--force-conflicts" in told
    outcome = world.attempt(plan.steps[0])
    assert (outcome.status, outcome.is_retryable) == (Status.FAILED, False)
    step = world.carry_out(planned(world, config(a="3"), force=True))
    assert data(world) == {"a": "3", "b": "2"}
    world.take_back(*step)
    assert data(world) == {"a": "1", "b": "2"}


def test_a_request_is_accepted_once_and_for_the_state_it_was_made_for(world: World) -> None:
    """Sent again, sent after somebody else wrote, sent after a deletion: refused each time, by uid and resourceVersion."""
    create = world.request(change_of(planned(world, config(a="1"))))
    assert world.send(create).status == 201
    assert world.send(create).status == 409
    change = world.request(change_of(planned(world, config(a="2"))))
    world.client.patch("ConfigMap", "web", {"data": {"z": "1"}}, world.namespace)
    assert world.send(change).status == 409
    fresh = change_of(planned(world, config(a="2")))
    request = world.request(fresh)
    world.client.delete("ConfigMap", "web", world.namespace)
    assert world.send(request).status == 409
    assert world.standing(fresh).stand is Stand.GONE
    world.client.create(config(a="1"), world.namespace)
    assert world.standing(fresh).stand is Stand.REPLACED
    assert world.send(request).status in (409, 422)


def test_what_somebody_creates_meanwhile_is_left_alone(world: World) -> None:
    """Planned as a creation, it is one or nothing; that it is already as wanted is seen."""
    change = change_of(planned(world, config(a="1")))
    request = world.request(change)
    world.client.create(config(b="2"), world.namespace)
    assert world.standing(change).stand is Stand.DIFFERS
    assert world.send(request).status == 409
    assert data(world) == {"b": "2"}
    world.client.patch("ConfigMap", "web", {"data": {"a": "1"}}, world.namespace)
    assert world.standing(change).stand is Stand.DONE


def test_a_plan_on_old_values_does_not_stand_on_others(world: World) -> None:
    """Somebody changed a field of the manifest since: that is another change than the one that was looked at."""
    world.client.create(config(a="1", other="x"), world.namespace)
    change = change_of(planned(world, config(a="2"), force=True))
    world.client.patch("ConfigMap", "web", {"data": {"other": "y"}}, world.namespace)
    assert world.standing(change).stand is Stand.OPEN
    world.client.patch("ConfigMap", "web", {"data": {"a": "7"}}, world.namespace)
    assert (world.standing(change).stand, world.standing(change).detail) == (Stand.DIFFERS, '/data/a is "7", not "1"')


def test_a_workload_is_verified_by_its_pods(world: World) -> None:
    """Not that it is stored, but that the new pods are there; quantities in another notation are no change."""
    ports: Json = [{"containerPort": 80}]
    world.carry_out(planned(world, deployment(ports=ports, resources={"requests": {"memory": "1024Mi", "cpu": "0.1"}})))
    assert planned(world, deployment(ports=ports, resources={"requests": {"memory": "1Gi", "cpu": "100m"}})).already
    assert planned(world, deployment(ports=ports, resources={"requests": {"memory": "1024Mi", "cpu": "0.1"}})).already
    plan = planned(world, deployment(2, image="web:2", ports=ports, resources={"requests": {"memory": "1024Mi", "cpu": "0.1"}}))
    assert "1 pod starts" in plan.effects
    step = world.carry_out(plan)
    assert world.client.get("Deployment", "web", world.namespace)["status"]["updatedReplicas"] == 2
    world.take_back(*step)
    spec = world.spec("Deployment", "web")
    assert (spec["replicas"], spec["template"]["spec"]["containers"][0]["image"]) == (1, "web:1")


def test_admission_and_defaults_are_told_apart_from_what_was_asked(world: World) -> None:
    """A LimitRange gives limits besides; what the API server fills in on any cluster is not told."""
    limits: Json = {"limits": [{"type": "Container", "default": {"cpu": "2"}, "defaultRequest": {"cpu": "1"}}]}
    world.client.create({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": limits}, world.namespace)
    manifest: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "a", "image": "b"}]},
    }

    def besides() -> dict[str, Json]:
        change = change_of(planned(world, manifest))
        found = differences(change, None, json.loads(world.rehearse(world.request(change)).body))
        assert {row.path for row in found.asked} == {"/spec/containers/[a]/name", "/spec/containers/[a]/image"}
        return {row.path: row.new for row in found.besides}

    # Admission learns of a LimitRange a moment after it was stored.
    wanted = {"/metadata/annotations", "/spec/containers/[a]/resources/limits/cpu", "/spec/containers/[a]/resources/requests/cpu"}
    until(lambda: {path.replace("/kubernetes.io~1limit-ranger", "") for path in besides()} == wanted, "the LimitRange to be known")


def test_what_cannot_be_changed_is_said_by_the_dry_run(world: World) -> None:
    """The selector of a Deployment: refused with the field, before anything is asked."""
    world.client.create(deployment(), world.namespace)
    manifest = deployment()
    spec = manifest["spec"]
    assert isinstance(spec, dict)
    spec["selector"] = {"matchLabels": {"app": "other"}}
    labels: Json = {"labels": {"app": "other"}}
    spec["template"] = {"metadata": labels, "spec": {"containers": [{"name": "app", "image": "web:1"}]}}
    plan = planned(world, manifest, force=True)

    def refused() -> Response | None:
        # Its controller writes it at the same time.
        found = world.rehearse(world.request(change_of(plan)))
        return None if found.status == 409 else found

    refusal = until(refused, "the object to stand still")
    assert refusal.status == 422
    assert "spec.selector" in answer.told(refusal)
    assert "immutable" in answer.told(refusal)


def test_a_secret_is_applied_and_never_told(world: World) -> None:
    """What is recorded has no value in it, cannot be sent and has no undo; what is in memory is sent and can be taken back."""
    manifest: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}, "stringData": {"password": "hunter2"}}
    created = world.carry_out(planned(world, manifest))
    assert created[0].undo
    manifest["stringData"] = {"password": "other-one"}
    plan = planned(world, manifest)
    assert (plan.class_, plan.undo) == (Class.DESTRUCTIVE, "")
    assert "ledger" in plan.no_undo
    change = change_of(plan)
    assert is_withheld(change)
    recorded = as_recorded(change)
    assert isinstance(recorded, Apply)
    for secret in ("hunter2", "other-one", "aHVudGVyMg", "b3RoZXItb25l"):
        assert secret not in repr(recorded)
    live = world.live(change.target)
    with pytest.raises(ValueError, match="masked"):
        apply.request(recorded, live)
    (step,) = plan.steps
    assert live is not None
    found = apply.standing(change, Live({**live.value, "data": {"password": "dGhpcmQtb25l"}}))
    assert (found.stand, found.detail) == (Stand.DIFFERS, '/data/password is "‹12 characters›", not "‹12 characters›"')
    assert find_action("apply").module.undo(msgspec.structs.replace(step, change=recorded), world.attempt(step)) is None
    with pytest.raises(UsageError, match="masked values"):
        planned(world, recorded.manifest)
    assert at(world.client.get("Secret", "web", world.namespace), "/data/password") == "b3RoZXItb25l"


def test_what_was_applied_and_changed_by_another_is_no_success(world: World) -> None:
    """Verification looks at the fields, and says which one was lost."""
    plan = planned(world, config(a="1"))
    (step,) = plan.steps
    outcome = world.do(step)
    world.client.patch("ConfigMap", "web", {"data": {"a": "9"}}, world.namespace)
    found = world.look(step, outcome)
    assert (found.seen, found.detail) == (Seen.FAILED, 'somebody changed it meanwhile: /data/a is "9"')


def test_an_exported_object_is_taken_as_a_manifest() -> None:
    """What only the API server writes is left out; the inverse has exactly what stood there."""
    target = built_in("ConfigMap", "shop", "web")
    exported = {**config(a="1"), "status": {}}
    exported["metadata"] = {"name": "web", "namespace": "shop", "uid": "u", "resourceVersion": "5", "managedFields": [], "labels": None}
    live = Live({**config(a="0", b="2"), "metadata": {"name": "web", "namespace": "shop", "uid": "u", "resourceVersion": "9"}})
    change = apply.change(target, exported, live)
    assert change.manifest["metadata"] == {"name": "web", "namespace": "shop"}
    assert "status" not in change.manifest
    assert apply.inverse(change).manifest["data"] == {"a": "0"}
    assert apply.standing(apply.inverse(change), Live({**live.value, "data": {"a": "1", "b": "2"}})).stand is Stand.OPEN
