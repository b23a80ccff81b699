"""Ending one pod past its budget."""

from typing import Any

import pytest

from daytwo.model.change import Delete
from daytwo.model.errors import UsageError
from daytwo.model.standing import Stand
from daytwo.model.target import built_in
from daytwo.model.tier import Class, Tier
from tests.actions.specimens import facts, plan
from tests.actions.world import World
from tests.domains.disruption.world import bare_pod, budget, wait_settled, workload
from tests.objects import Object, metadata
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until

cluster = pytest.mark.cluster


@pytest.fixture
def world(control_plane: ControlPlane, namespace: str) -> World:
    return World(control_plane, namespace)


@cluster
def test_pod_is_deleted_past_its_budget_and_replaced(world: World) -> None:
    """Mutating, since its ReplicaSet makes another; the plan says that the budget would have refused."""
    world.client.apply_all([workload("Deployment", "web", 2), budget("web", "web", maxUnavailable=0)], world.namespace)
    wait_settled(world.client, world.namespace, pods=2, ready=2)
    name = world.client.list_of("Pod", world.namespace)[0]["metadata"]["name"]
    made = world.plan("delete-pod", "Pod", name)
    assert (made.class_, made.tier) == (Class.MUTATING, Tier.T2)
    assert made.warnings[0].startswith(f"an eviction would be refused, and a deletion is not: disruption budget {world.namespace}/web")
    step, outcome = world.carry_out(made)
    assert world.look(step, outcome).detail == "gone and replaced, 2 of 2 ready"


@cluster
def test_dry_run_deletes_nothing(world: World) -> None:
    """A rehearsed deletion says so where the API server looks: the pod lives on, without a deletion timestamp."""
    world.client.apply(bare_pod("alone", "alone"), world.namespace)
    wait_settled(world.client, world.namespace, pods=1, ready=1)
    step = world.plan("delete-pod", "Pod", "alone").steps[0]
    assert world.rehearse(world.request(step.change)).is_success
    assert world.standing(step.change).stand is Stand.OPEN


@cluster
def test_sent_again_or_late_it_ends_nothing_else(world: World) -> None:
    """The same bytes, twice: the second time the pod is gone, or another of its name is left alone."""
    world.client.apply(bare_pod("alone", "alone"), world.namespace)
    wait_settled(world.client, world.namespace, pods=1, ready=1)
    made = world.plan("delete-pod", "Pod", "alone")
    assert made.class_ is Class.DESTRUCTIVE
    request = world.request(made.steps[0].change)
    assert world.send(request).is_success
    world.client.wait_gone("Pod", "alone", world.namespace)
    assert world.send(request).status == 404
    world.client.apply(bare_pod("alone", "alone"), world.namespace)
    assert world.send(request).status == 409
    assert world.standing(made.steps[0].change).stand is Stand.DONE
    assert "deletionTimestamp" not in world.client.get("Pod", "alone", world.namespace)["metadata"]


@cluster
def test_grace_can_be_cut_short_for_a_pod_that_is_ending(world: World) -> None:
    """A pod whose node does not answer ends at once without grace, which is never merely mutating."""
    world.client.apply(bare_pod("alone", "alone", {"terminationGracePeriodSeconds": 600}), world.namespace)
    wait_settled(world.client, world.namespace, pods=1, ready=1)
    world.client.patch("Pod", "alone", {"metadata": {"annotations": {"kubelet.daytwo.dev/fault": "undying"}}}, world.namespace)
    slow = world.plan("delete-pod", "Pod", "alone", grace_period=300)
    world.do(slow.steps[0])
    until(lambda: world.plan("delete-pod", "Pod", "alone").already, "the pod to be on its way")
    assert world.plan("delete-pod", "Pod", "alone", grace_period=400).already
    forced = world.plan("delete-pod", "Pod", "alone", grace_period=0)
    assert (forced.class_, forced.steps[0].class_, forced.tier) == (Class.DESTRUCTIVE, Class.DESTRUCTIVE, Tier.T3)
    assert forced.warnings[0].startswith("the API server forgets the pod at once")
    world.carry_out(forced)


POD = built_in("Pod", "shop", "web-1")


def pod(*, owner: Object | None = None, spec: Object | None = None, **more: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata("web-1", owner=owner, labels={"app": "web"}, resourceVersion="7", **more),
        "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "web:1"}], **(spec or {})},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    }


OPERATOR = {"apiVersion": "example.com/v1", "kind": "Cluster", "metadata": {"name": "db", "uid": "uid-db"}}
GONE = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web-1a", "uid": "uid-gone"}}


@pytest.mark.parametrize(
    ("value", "warning"),
    [
        (pod(), "shop/web-1 is not replaced: it has no controller"),
        (pod(owner=GONE), "shop/web-1 is not replaced: its ReplicaSet web-1a is gone"),
        (pod(owner=OPERATOR, spec={"priorityClassName": "system-node-critical"}), "shop/web-1 is critical to the cluster"),
        (pod(owner=OPERATOR, spec={"volumes": [{"name": "cache", "emptyDir": {}}]}), "shop/web-1 keeps data on its node (emptyDir)"),
    ],
)
def test_what_goes_with_the_pod_is_said(value: Object, warning: str) -> None:
    """Only a controller that was seen to replace it makes a deletion mutating; whatever else is lost is named."""
    made = plan("delete-pod", "Pod", facts(value, around=[value]), "web-1")
    assert made.class_ is Class.DESTRUCTIVE
    assert any(one.startswith(warning) for one in made.warnings), made.warnings


def test_static_pod_is_not_deleted() -> None:
    """Its node would make it again at once: only its manifest ends it."""
    value = pod(annotations={"kubernetes.io/config.mirror": "hash"})
    for uses in ("delete-pod", "evict-pod"):
        made = plan(uses, "Pod", facts(value, around=[value]), "web-1")
        assert made.blocked == "shop/web-1 is a static pod: only its manifest on node node-1 ends it"


def test_hidden_owner_and_budget_are_unknowns() -> None:
    """What nobody may look at does not make a deletion mutating, and is named."""
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web", "uid": "uid-web"}}
    value = pod(owner=owner)
    for uses in ("delete-pod", "evict-pod"):
        made = plan(uses, "Pod", facts(value, around=[value], unread=("StatefulSet", "PodDisruptionBudget")), "web-1")
        assert made.class_ is Class.DESTRUCTIVE
        assert {"StatefulSet: forbidden for user viewer", "PodDisruptionBudget: forbidden for user viewer"} <= set(made.unknowns)


def test_grace_below_nothing_is_refused() -> None:
    """A number of seconds is 0 or more; without one the request leaves it to the pod."""
    value = pod()
    with pytest.raises(UsageError, match=r"--grace-period: -1 is no number of seconds"):
        plan("delete-pod", "Pod", facts(value, around=[value]), "web-1", grace_period=-1)
    change = plan("delete-pod", "Pod", facts(value, around=[value]), "web-1").steps[0].change
    assert change == Delete(built_in("Pod", "shop", "web-1", uid="uid-shop-web-1"))
    with pytest.raises(UsageError, match=r"there is no pod shop/web-1; `kubectl get pods -n shop`"):
        plan("delete-pod", "Pod", facts(absent=[POD]), "web-1")
