"""Emptying a node: the plan, its steps carried out on a real control plane, and what they leave."""

from collections.abc import Iterator

import pytest

from daytwo.model.call import Call
from daytwo.model.change import Evict, Patch, Wait
from daytwo.model.json import Json
from daytwo.model.outcome import Seen, Verification
from daytwo.model.plan import Plan
from daytwo.model.target import built_in
from daytwo.model.tier import Class, Tier
from tests.actions.world import World
from tests.domains.disruption.pool import Pool, new_pool
from tests.domains.disruption.world import bare_pod, budget, wait_settled, workload
from tests.servers import kubelet
from tests.servers.control_plane import NOBODY, ControlPlane
from tests.servers.polling import until

cluster = pytest.mark.cluster


@pytest.fixture
def pool(control_plane: ControlPlane, namespace: str) -> Iterator[Pool]:
    with new_pool(control_plane, namespace) as pool:
        yield pool


@pytest.fixture
def world(control_plane: ControlPlane, namespace: str) -> World:
    return World(control_plane, namespace)


def drain(world: World, node: str, **params: Json) -> Plan:
    named = {key.replace("_", "-"): value for key, value in params.items()}
    return world.plan_of(Call("drain", built_in("Node", "", node), named))


@cluster
def test_node_is_emptied_step_by_step(world: World, pool: Pool) -> None:
    """Cordon, one eviction after the other, each replaced before the next; what stays is named; undo uncordons and no more."""
    client, namespace = world.client, world.namespace
    client.apply_all(
        [
            workload("Deployment", "web", 3, spec=pool.spec),
            workload("StatefulSet", "db", 2, spec=pool.spec),
            workload("DaemonSet", "agent", spec=pool.spec),
            budget("web", "web", maxUnavailable=1),
        ],
        namespace,
    )
    # DaemonSets place their pods on cordoned nodes too.
    wait_settled(client, namespace, pods=5 + 3, ready=5 + 3)
    pool.open(pool.first, *pool.others)
    plan = drain(world, pool.first)
    assert (plan.class_, plan.tier, plan.blocked, plan.unknowns) == (Class.DESTRUCTIVE, Tier.T3, "", ())
    assert (plan.blast.pods, plan.blast.nodes, plan.blast.workloads) == (5, 1, 2)
    assert "all of them have room on other nodes" in plan.effects
    assert "1 DaemonSet pod stays" in plan.effects
    assert [type(step.change) for step in plan.steps] == [Patch, *[Evict] * 5, Wait]
    assert plan.steps[0].on_failure_undo
    outcomes = []
    for step in plan.steps[:-1]:
        outcomes.append(world.do(step))
        found = world.verified(step, outcomes[-1])
        assert found.seen is Seen.DONE, f"{step.title}: {found}"
        if isinstance(step.change, Evict):
            assert found.detail.startswith("gone and replaced")
    found = world.look(plan.steps[-1], outcomes[-1])
    assert (found.seen, found.detail) == (Seen.DONE, "drained; 1 DaemonSet pod stays")
    assert [pod["metadata"]["labels"]["app"] for pod in pool.pods_on(pool.first)] == ["agent"]
    assert drain(world, pool.first).already.endswith("is cordoned and 1 DaemonSet pod stays")
    world.take_back(plan.steps[0], outcomes[0])
    assert "unschedulable" not in client.get("Node", pool.first)["spec"]


@cluster
def test_node_that_was_cordoned_before_has_no_cordon_to_take_back(world: World, pool: Pool) -> None:
    """A drain of a cordoned node begins with the evictions: whatever fails, it stays cordoned."""
    world.client.apply(workload("Deployment", "web", 1, spec=pool.spec), world.namespace)
    wait_settled(world.client, world.namespace, pods=1, ready=1)
    pool.open(*pool.others)
    plan = drain(world, pool.first)
    assert [type(step.change) for step in plan.steps] == [Evict, Wait]
    assert not any(step.on_failure_undo for step in plan.steps)


@cluster
def test_budget_that_is_spent_after_planning_names_itself(world: World, pool: Pool) -> None:
    """A drain that is overtaken is refused by the API server, for now, with the budget's name; nothing is spent by asking."""
    client, namespace = world.client, world.namespace
    client.apply_all([workload("Deployment", "web", 2, spec=pool.spec), budget("web", "web", minAvailable=1)], namespace)
    wait_settled(client, namespace, pods=2, ready=2)
    pool.open(*pool.others)
    plan = drain(world, pool.first)
    assert not plan.blocked
    client.apply(budget("web", "web", minAvailable=2), namespace)
    wait_settled(client, namespace, pods=2, ready=2)
    refused = world.attempt(plan.steps[0])
    assert refused.is_retryable
    assert "disruption budget web needs 2 healthy pods and has 2 currently" in refused.detail
    again = drain(world, pool.first)
    assert again.blocked.endswith("scale Deployment " + namespace + "/web up by one for the while, or let the budget spare one")
    assert f"disruption budget {namespace}/web (minAvailable 2) spares none: 2 of 2 pods are healthy and 2 must stay" in again.blocked
    assert again.steps == ()
    assert again.effects == ("0 of 2 pods could be evicted, and then it would stop",)


@cluster
def test_what_would_be_lost_stops_the_plan_until_it_is_given_up(world: World, pool: Pool) -> None:
    """Bare pods and emptyDir data block, and say which flag lets them go; with the flags they go, and the plan says what is lost."""
    client, namespace = world.client, world.namespace
    local = {**pool.spec, "volumes": [{"name": "cache", "emptyDir": {}}]}
    client.apply_all([workload("Deployment", "web", 1, spec=local), bare_pod("alone", "alone", pool.spec)], namespace)
    wait_settled(client, namespace, pods=2, ready=2)
    pool.open(*pool.others)
    blocked = drain(world, pool.first).blocked
    assert f"{namespace}/alone (it has no controller); --force" in blocked
    assert "keep data on " + pool.first in blocked
    plan = drain(world, pool.first, force=True, delete_emptydir_data=True)
    assert not plan.blocked
    assert f"{namespace}/alone is not replaced: it has no controller" in plan.warnings
    assert any("keeps data on its node (emptyDir)" in warning for warning in plan.warnings)
    assert len([step for step in plan.steps if isinstance(step.change, Evict)]) == 2


@cluster
def test_pod_that_came_after_the_plan_is_told_and_left(world: World, pool: Pool) -> None:
    """The last step looks at the node again: a pod nobody planned for is not evicted, and the drain does not call itself done."""
    pool.open(*pool.others)
    plan = drain(world, pool.first)
    assert plan.already.endswith("is cordoned and has no pods")
    pool.open(pool.first, *pool.others)
    plan = drain(world, pool.first)
    assert [type(step.change) for step in plan.steps] == [Patch, Wait]
    late = bare_pod("late", "late", {**pool.spec, "nodeName": pool.first})
    world.client.apply(late, world.namespace)
    wait_settled(world.client, world.namespace, pods=1, ready=1)
    found = world.look(plan.steps[-1], world.do(plan.steps[0]))
    assert found.seen is Seen.FAILED
    assert found.detail == f"{world.namespace}/late came to node {pool.first} after the drain was planned; drain it again"


@cluster
def test_pod_that_does_not_end_is_waited_for_and_its_finalizer_named(world: World, pool: Pool) -> None:
    """An evicted pod that something holds is not gone, however often one looks; who holds it is said."""
    client, namespace = world.client, world.namespace
    client.apply(workload("Deployment", "web", 1, fault="undying", spec=pool.spec), namespace)
    wait_settled(client, namespace, pods=1, ready=1)
    (pod,) = pool.pods_on(pool.first)
    name = pod["metadata"]["name"]
    client.patch("Pod", name, {"metadata": {"finalizers": ["test.daytwo.dev/hold"]}}, namespace)
    pool.open(*pool.others)
    plan = drain(world, pool.first)
    step = plan.steps[0]
    outcome = world.do(step)
    held = Verification(Seen.NOT_YET, "held by test.daytwo.dev/hold", mark="there")
    until(lambda: world.look(step, outcome) == held, "its grace to be over")
    assert f"{namespace}/{name} ends already, but is held by test.daytwo.dev/hold" in drain(world, pool.first).warnings
    client.patch("Pod", name, {"metadata": {"finalizers": None, "annotations": {kubelet.FAULT: None}}}, namespace)
    assert world.verified(step, outcome).seen is Seen.DONE


@cluster
def test_replacement_without_a_node_ends_the_wait(world: World, pool: Pool) -> None:
    """A replacement that the scheduler has no node for is no reason to wait longer; the plan has said so."""
    client, namespace = world.client, world.namespace
    client.apply(workload("Deployment", "big", 2, spec=pool.asking("9")), namespace)
    wait_settled(client, namespace, pods=2, ready=2)
    pool.open(*pool.others)
    plan = drain(world, pool.first)
    assert plan.warnings[0].endswith("would wait for a node: 2 nodes are short of cpu (it asks for 9 cpu)")
    assert plan.blast.share_ratio == 1.0
    outcome = world.do(plan.steps[0])
    found = world.verified(plan.steps[0], outcome)
    assert found.seen is Seen.DONE
    assert "finds no node" in found.detail


@cluster
def test_hidden_kinds_are_unknowns_of_the_plan(world: World, pool: Pool) -> None:
    """Whoever may not see budgets and owners is told so; the plan does not take them for absent."""
    client, namespace = world.client, world.namespace
    client.apply(workload("Deployment", "web", 1, spec=pool.spec), namespace)
    wait_settled(client, namespace, pods=1, ready=1)
    api = "rbac.authorization.k8s.io"
    role = {
        "apiVersion": f"{api}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": namespace},
        "rules": [{"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list"]}],
    }
    binding = {
        "apiVersion": f"{api}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": namespace},
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": namespace},
        "subjects": [{"apiGroup": api, "kind": "User", "name": NOBODY}],
    }
    client.apply_all([role, binding])
    try:
        plan = drain(World(world.plane, namespace, NOBODY), pool.first)
    finally:
        client.delete("ClusterRoleBinding", namespace)
        client.delete("ClusterRole", namespace)
    assert not plan.blocked
    unknowns = "\n".join(plan.unknowns)
    for kind in ("poddisruptionbudgets", "replicasets", "statefulsets", "daemonsets", "jobs", "persistentvolumes"):
        assert kind in unknowns
    assert f"whether {namespace}/web-" in unknowns
