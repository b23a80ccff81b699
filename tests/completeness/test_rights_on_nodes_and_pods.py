"""As `test_rights_of_actions`, for actions that reach over the whole cluster: their role is enough, and nothing in it is too much."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import pytest

from daytwo import catalog
from daytwo.catalog import Action
from daytwo.model.call import Call
from daytwo.model.change import Wait
from daytwo.model.gap import Unseen
from daytwo.model.outcome import Outcome, Status
from daytwo.model.right import ClusterRole, role
from daytwo.model.standing import Stand
from daytwo.model.target import Target, built_in
from daytwo.render.roles_of_actions import role_of_actions
from tests.actions.workloads import deployment, ready
from tests.actions.world import World
from tests.completeness.test_rights_of_actions import TRIALS, may
from tests.objects import AT, Object, parse
from tests.servers.control_plane import NOBODY, ControlPlane
from tests.servers.polling import until

ACTIONS: Final = ("cordon", "delete-pod", "drain", "evict-pod", "uncordon")
OF_WHAT_IS_GIVEN: Final = ("apply", "command", "wait")
"""Their rights follow from what they are given; `daytwo act --role` adds those."""

WORKLOADS: Final = ("Deployment", "StatefulSet")


@dataclass(frozen=True)
class Scene:
    """A node of the test's own with pods of two sorts on it, watched over by a budget; and another that is cordoned."""

    world: World
    node: str
    closed: str

    @property
    def pods(self) -> tuple[str, ...]:
        found = self.world.client.list_of("Pod", self.world.namespace, fields=f"spec.nodeName={self.node}")
        return tuple(sorted(pod["metadata"]["name"] for pod in found))

    def targets(self, action: str) -> tuple[Target, ...]:
        if action in ("drain", "cordon"):
            return (built_in("Node", "", self.node),)
        if action == "uncordon":
            return (built_in("Node", "", self.closed),)
        return tuple(built_in("Pod", self.world.namespace, name) for name in self.pods)


@pytest.fixture
def scene(control_plane: ControlPlane, namespace: str) -> Iterator[Scene]:
    world = World(control_plane, namespace)
    made = Scene(world, f"{namespace}-open", f"{namespace}-closed")
    for name in (made.node, made.closed):
        control_plane.add_node(name)
    control_plane.wait_nodes(made.node, made.closed)
    world.client.patch("Node", made.closed, {"spec": {"unschedulable": True}})
    here = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [made.node]}]}
    affinity = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "preference": here}]}}
    for kind in WORKLOADS:
        ready(world, deployment(kind.lower(), kind=kind, replicas=1, pod={"affinity": affinity, "terminationGracePeriodSeconds": 0}))
    budget = {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "deployment"}}}
    value: Object = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}, "spec": budget}
    world.client.create(value, namespace)
    world.client.wait_for("PodDisruptionBudget", "web", namespace, lambda it: it.get("status", {}).get("disruptionsAllowed") == 1)
    assert len(made.pods) == len(WORKLOADS)
    yield made
    for name in (made.node, made.closed):
        world.client.delete("Node", name)


@pytest.fixture
def bound(scene: Scene) -> Iterator[str]:
    """The name of a ClusterRole that is given to somebody who otherwise may do nothing."""
    name = f"tests-{scene.world.namespace}"
    api = "rbac.authorization.k8s.io"
    binding: Object = {
        "apiVersion": f"{api}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": name},
        "subjects": [{"apiGroup": api, "kind": "User", "name": NOBODY}],
    }
    scene.world.client.create(binding)
    yield name
    scene.world.client.delete("ClusterRoleBinding", name)
    scene.world.client.delete("ClusterRole", name)


@pytest.mark.cluster
@pytest.mark.parametrize("name", ACTIONS)
def test_the_role_is_sufficient_and_minimal(scene: Scene, bound: str, name: str) -> None:
    """Nothing is sent for good: a dry run takes the same rights."""
    action = catalog.find_action(name)
    nobody = replace(scene, world=replace(scene.world, user=NOBODY))
    rights = tuple(dict.fromkeys((*action.declaration.writes, *action.declaration.reads)))
    _apply(scene, bound, role_of_actions([action]))
    until(lambda: all(may(nobody.world, right) for right in rights), "the role to count")
    assert not list(_missing(nobody, action))
    for right in rights:
        others = [other for other in rights if other != right]
        _apply(scene, bound, role(bound, others))
        until(lambda: not may(nobody.world, right) and all(may(nobody.world, it) for it in others), f"{right} to be gone")  # noqa: B023
        assert list(_missing(nobody, action)), f"nothing is missing without the right to {right}"


def test_every_action_is_tried() -> None:
    """A new one belongs into one of these tables."""
    assert sorted((*ACTIONS, *TRIALS, *OF_WHAT_IS_GIVEN)) == sorted(catalog.action_names())
    for name in OF_WHAT_IS_GIVEN:
        declared = catalog.find_action(name).declaration
        assert not declared.writes
        assert not declared.reads


def test_all_actions_together_take_no_more_than_each_of_them() -> None:
    """The role of several is their union."""
    actions = catalog.actions()
    each = {right for action in actions for right in _given(role_of_actions([action]))}
    assert set(_given(role_of_actions(actions))) == each


def _given(whole: ClusterRole) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    for rule in whole.rules:
        for group in rule.api_groups:
            for resource in rule.resources:
                for verb in rule.verbs:
                    yield group, resource, verb, rule.resource_names


def _missing(scene: Scene, action: Action) -> Iterator[str]:
    """What could not be done or seen, in the order of an action."""
    world = scene.world
    for target in scene.targets(action.name):
        try:
            plan = world.plan_of(Call(action.name, target))
            assert not plan.blocked, plan.blocked
            assert plan.steps
            yield from plan.unknowns
            for step in plan.steps:
                seen = world.facts(action.module.watch(step))
                yield from map(str, seen.gaps.values())
                action.module.verify(step, Outcome(Status.DONE, parse(AT)), seen)
                if not isinstance(step.change, Wait) and world.standing(step.change).stand is Stand.OPEN:
                    response = world.rehearse(world.request(step.change))
                    if not response.is_success:
                        yield f"{step.title}: {response.status} {response.body.decode()}"
        except Unseen as unseen:
            yield str(unseen.gap)


def _apply(scene: Scene, name: str, wanted: ClusterRole) -> None:
    rules = msgspec.to_builtins(wanted.rules)
    scene.world.client.apply(
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}
    )
