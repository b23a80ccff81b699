"""The role generated for an action is enough to plan it, to send it and to look again; and without any one right something is missing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
import pytest

from daytwo import catalog
from daytwo.catalog import Action
from daytwo.model.gap import Unseen
from daytwo.model.json import Json
from daytwo.model.outcome import Outcome, Status
from daytwo.model.right import ClusterRole, Right, role
from daytwo.render.roles_of_actions import role_of_actions
from tests.actions.cron_jobs import cron_job
from tests.actions.workloads import deployment, ready, wait_ready
from tests.actions.world import World
from tests.objects import AT, Object, parse
from tests.servers.control_plane import NOBODY, ControlPlane
from tests.servers.polling import until

ROLLING: Final = ("Deployment", "StatefulSet", "DaemonSet")
NEVER: Final = "0 3 1 1 *"


@dataclass(frozen=True)
class Trial:
    """On which objects an action is tried, all of them called `web`, and with what."""

    kinds: tuple[str, ...]
    params: dict[str, Json]


TRIALS: Final = {
    "autoscaler-bounds": Trial(("HorizontalPodAutoscaler",), {"max": 9}),
    "resume-cronjob": Trial(("CronJob",), {}),
    "rollout-pause": Trial(("Deployment",), {}),
    "rollout-restart": Trial(ROLLING, {}),
    "rollout-resume": Trial(("Deployment",), {}),
    "rollout-undo": Trial(ROLLING, {}),
    "scale": Trial(("Deployment", "StatefulSet", "ReplicaSet"), {"replicas": 2}),
    "set-image": Trial(ROLLING, {"images": ["app=web:9"]}),
    "set-resources": Trial(ROLLING, {"limits": ["cpu=1"]}),
    "suspend-cronjob": Trial(("CronJob",), {}),
}


@pytest.mark.cluster
@pytest.mark.parametrize("name", sorted(TRIALS))
def test_the_role_is_sufficient_and_minimal(control_plane: ControlPlane, namespace: str, name: str) -> None:
    """Nothing is sent for good: a dry run takes the same rights."""
    action, trial = catalog.find_action(name), TRIALS[name]
    admin = World(control_plane, namespace)
    for kind in trial.kinds:
        _prepare(admin, kind, name)
    nobody = replace(admin, user=NOBODY)
    whole = role_of_actions([action])
    _bind(admin, whole)
    until(lambda: not list(_missing(nobody, action, trial)), f"the role to be enough; missing: {list(_missing(nobody, action, trial))}")
    rights = (*action.declaration.writes, *action.declaration.reads)
    for right in rights:
        others = [other for other in rights if other != right]
        _apply(admin, role(whole.name, others))
        # RBAC follows its roles a moment later: what the one before lacked must be back.
        until(lambda: not may(nobody, right) and all(may(nobody, other) for other in others), f"{right} alone to be gone")  # noqa: B023
        assert list(_missing(nobody, action, trial)), f"nothing is missing without the right to {right}"


def may(world: World, right: Right) -> bool:
    resource, _, subresource = right.resource.partition("/")
    attributes = {"namespace": world.namespace, "verb": right.verb, "group": right.group, "resource": resource, "subresource": subresource}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
    answer = world.plane.client(NOBODY).request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    return bool(answer["status"]["allowed"])


def _missing(world: World, action: Action, trial: Trial) -> Iterator[str]:
    """What could not be done, in the order of an action."""
    for kind in trial.kinds:
        try:
            plan = world.plan(action.name, kind, "web", **trial.params)
            yield from plan.unknowns
            assert not plan.blocked, plan.blocked
            (step,) = plan.steps
            response = world.rehearse(world.request(step.change))
            if not response.is_success:
                yield f"{kind}: {response.status} {response.body.decode()}"
            action.module.verify(step, Outcome(Status.DONE, parse(AT)), world.facts(action.module.watch(step)))
        except Unseen as unseen:
            yield str(unseen.gap)


def _prepare(world: World, kind: str, name: str) -> None:
    match kind:
        case "CronJob":
            world.client.create(cron_job("web", NEVER, suspend=name == "resume-cronjob"), world.namespace)
        case "HorizontalPodAutoscaler":
            target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
            value: Object = {"apiVersion": "autoscaling/v2", "kind": kind, "metadata": {"name": "web"}}
            world.client.create({**value, "spec": {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 5}}, world.namespace)
        case _:
            paused: dict[str, Any] = {"paused": True} if name == "rollout-resume" else {}
            value = deployment(kind=kind, replicas=0, **paused)
            if kind == "DaemonSet":
                value["spec"]["template"]["spec"]["nodeSelector"] = {"nowhere": "true"}
                world.client.create(value, world.namespace)
            else:
                ready(world, value)
            if name == "rollout-undo":
                world.client.wait_for(kind, "web", world.namespace, _is_observed)
                template = {"spec": {"template": {"metadata": {"annotations": {"config": "2"}}}}}
                world.client.patch(kind, "web", template, world.namespace)
                if kind != "DaemonSet":
                    wait_ready(world, kind, "web")
                until(lambda: len(_kept(world, kind)) == 2, f"two revisions of {kind} web")


def _is_observed(found: Object) -> bool:
    return bool(found.get("status", {}).get("observedGeneration") == found["metadata"]["generation"])


def _kept(world: World, kind: str) -> list[Object]:
    keepers = world.client.list_of("ReplicaSet" if kind == "Deployment" else "ControllerRevision", world.namespace)
    return [keeper for keeper in keepers if keeper["metadata"]["ownerReferences"][0]["kind"] == kind]


def _bind(world: World, whole: ClusterRole) -> None:
    """In this namespace alone: the role itself is the one that is generated for the whole cluster."""
    _apply(world, whole)
    world.client.create(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": whole.name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": whole.name},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": NOBODY}],
        },
        world.namespace,
    )


def _apply(world: World, wanted: ClusterRole) -> None:
    rules = [rule for rule in msgspec.to_builtins(wanted.rules) if not rule.get("resourceNames")]
    manifest = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": wanted.name}, "rules": rules}
    world.client.apply(manifest, world.namespace)
