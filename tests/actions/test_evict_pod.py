"""Ending one pod within its budget."""

import pytest

from daytwo.model.outcome import Seen, Status
from daytwo.model.standing import Stand
from daytwo.model.tier import Class, Tier
from tests.actions.world import World
from tests.domains.disruption.world import bare_pod, budget, wait_settled, workload
from tests.servers.control_plane import ControlPlane

pytestmark = pytest.mark.cluster


@pytest.fixture
def world(control_plane: ControlPlane, namespace: str) -> World:
    return World(control_plane, namespace)


def pods(world: World, app: str) -> list[str]:
    return sorted(pod["metadata"]["name"] for pod in world.client.list_of("Pod", world.namespace, labels=f"app={app}"))


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_pod_is_evicted_and_replaced(world: World, kind: str) -> None:
    """One pod of three goes; the step is done once its controller has three ready ones again."""
    world.client.apply_all([workload(kind, "web", 3), budget("web", "web", maxUnavailable=1)], world.namespace)
    wait_settled(world.client, world.namespace, pods=3, ready=3)
    name = pods(world, "web")[0]
    plan = world.plan("evict-pod", "Pod", name)
    assert (plan.class_, plan.tier, plan.undo) == (Class.MUTATING, Tier.T2, "")
    assert plan.effects == (f"{kind} {world.namespace}/web makes another pod in its place",)
    assert plan.blast.share_ratio == pytest.approx(1 / 3)
    uid = world.client.get("Pod", name, world.namespace)["metadata"]["uid"]
    step, outcome = world.carry_out(plan)
    assert world.look(step, outcome).detail == "gone and replaced, 3 of 3 ready"
    assert uid not in {pod["metadata"]["uid"] for pod in world.client.list_of("Pod", world.namespace)}


def test_dry_run_evicts_nothing_and_spends_nothing(world: World) -> None:
    """A rehearsed eviction, though it has a body, leaves pod and budget as they are."""
    world.client.apply_all([workload("Deployment", "web", 2), budget("web", "web", maxUnavailable=1)], world.namespace)
    wait_settled(world.client, world.namespace, pods=2, ready=2)
    step = world.plan("evict-pod", "Pod", pods(world, "web")[0]).steps[0]
    response = world.rehearse(world.request(step.change))
    assert response.is_success
    assert world.standing(step.change).stand is Stand.OPEN
    assert world.client.get("PodDisruptionBudget", "web", world.namespace)["status"]["disruptionsAllowed"] == 1


def test_pod_of_the_same_name_is_another_pod(world: World) -> None:
    """A StatefulSet gives the name to the next one: an eviction planned for the first never touches that, and spends no budget."""
    world.client.apply_all([workload("StatefulSet", "db", 2), budget("db", "db", maxUnavailable=1)], world.namespace)
    wait_settled(world.client, world.namespace, pods=2, ready=2)
    step = world.plan("evict-pod", "Pod", "db-0").steps[0]
    request = world.request(step.change)
    world.client.delete("Pod", "db-0", world.namespace, grace_seconds=0)
    wait_settled(world.client, world.namespace, pods=2, ready=2)
    standing = world.standing(step.change)
    assert (standing.stand, standing.detail) == (Stand.DONE, f"pod {world.namespace}/db-0 is gone, and another has taken its name")
    # What a request that lands late would do.
    late = world.send(request)
    assert late.status == 409
    assert world.client.find("Pod", "db-0", world.namespace) is not None


def test_budget_that_allows_none_blocks(world: World) -> None:
    """The budget is named with its sums and with what to do; two budgets on one pod are refused for good."""
    world.client.apply_all(
        [
            workload("Deployment", "web", 1),
            budget("web", "web", maxUnavailable=0),
            workload("Deployment", "twice", 2),
            budget("twice-1", "twice", minAvailable=1),
            budget("twice-2", "twice", minAvailable=1),
        ],
        world.namespace,
    )
    wait_settled(world.client, world.namespace, pods=3, ready=3)
    blocked = world.plan("evict-pod", "Pod", pods(world, "web")[0]).blocked
    assert blocked.startswith(f"disruption budget {world.namespace}/web (maxUnavailable 0) spares none: 1 of 1 pods are healthy")
    assert "or let the budget spare one" in blocked
    twice = world.plan("evict-pod", "Pod", pods(world, "twice")[0]).blocked
    assert twice.startswith("disruption budgets twice-1 and twice-2 both select it")


def test_bare_pod_is_ended_for_good(world: World) -> None:
    """What nothing replaces is destructive, and done as soon as it is gone."""
    world.client.apply(bare_pod("alone", "alone"), world.namespace)
    wait_settled(world.client, world.namespace, pods=1, ready=1)
    plan = world.plan("evict-pod", "Pod", "alone")
    assert (plan.class_, plan.tier) == (Class.DESTRUCTIVE, Tier.T3)
    assert plan.warnings == (f"{world.namespace}/alone is not replaced: it has no controller",)
    step, outcome = world.carry_out(plan)
    assert (outcome.status, world.look(step, outcome).detail) == (Status.DONE, "gone")


def test_replacement_that_cannot_start_is_not_done(world: World) -> None:
    """A new pod that hangs is waited for and named; an older one that was unhealthy before is not."""
    web = workload("Deployment", "web", 2)
    world.client.apply(web, world.namespace)
    wait_settled(world.client, world.namespace, pods=2, ready=2)
    step = world.plan("evict-pod", "Pod", pods(world, "web")[0]).steps[0]
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"}, "spec": {"hard": {"pods": "1"}}}
    world.client.apply(quota, world.namespace)
    world.client.wait_for("ResourceQuota", "full", world.namespace, lambda one: "used" in one.get("status", {}))
    outcome = world.do(step)

    def is_refused(found: dict[str, object]) -> bool:
        return "exceeded quota" in str(world.look(step, outcome).detail)

    world.client.wait_for("ResourceQuota", "full", world.namespace, is_refused, 30)
    found = world.look(step, outcome)
    assert found.seen is Seen.NOT_YET
    assert found.detail.startswith("gone; 1 of 2 pods are there: ")
