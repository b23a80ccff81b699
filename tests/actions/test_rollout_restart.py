"""Restarting: once for one plan, refused where it would do nothing, and the same on the real API server."""

from typing import Any

import pytest

from daytwo.model.change import Patch
from daytwo.model.errors import UsageError
from daytwo.model.outcome import Seen
from daytwo.model.standing import Stand
from daytwo.model.target import built_in
from daytwo.model.tier import Class, Tier
from tests.actions.specimens import DONE, action, facts, look, only_step, plan, web
from tests.actions.workloads import deployment, ready
from tests.actions.world import World
from tests.objects import Object
from tests.servers.control_plane import ControlPlane

PATH = "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt"


def test_the_time_is_fixed_when_it_is_planned() -> None:
    """The plan carried out twice is one restart; it is kubectl's own mark, in UTC."""
    found = plan("rollout-restart", "Deployment", facts(web(), at="2026-11-20T10:00:00+02:00"))
    step = only_step(found)
    assert isinstance(step.change, Patch)
    assert [(field.path, field.old, field.new) for field in step.change.fields] == [(PATH, None, "2026-11-20T08:00:00Z")]
    assert step.call.params == {"restarted-at": "2026-11-20T08:00:00Z"}
    assert (found.class_, found.tier) == (Class.MUTATING, Tier.T2)
    assert (found.undo, found.no_undo) == ("", "a restart cannot be taken back; pods that ended do not return")
    assert action("rollout-restart").undo(step, DONE) is None


def test_the_same_time_again_restarts_nothing() -> None:
    """A repeated call says so."""
    value = web()
    value["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": "2026-11-20T08:00:00Z"}
    found = plan("rollout-restart", "Deployment", facts(value), restarted_at="2026-11-20T09:00:00+01:00")
    assert found.already == "deployment shop/web was restarted at 2026-11-20T08:00:00Z"


@pytest.mark.parametrize("given", ["yesterday", "2026-11-20T08:00:00"])
def test_a_time_needs_a_zone(given: str) -> None:
    """Else it would mean another time elsewhere."""
    with pytest.raises(UsageError, match="write one such as 2026-11-20T08:00:00Z"):
        plan("rollout-restart", "Deployment", facts(web()), restarted_at=given)


def test_there_is_none_of_that_name() -> None:
    """Somebody has mistyped it."""
    with pytest.raises(UsageError, match="there is no deployment shop/web; `kubectl get deployments` lists"):
        plan("rollout-restart", "Deployment", facts(absent=[built_in("Deployment", "shop", "web")]))


@pytest.mark.parametrize(
    ("kind", "spec", "blocked"),
    [
        ("Deployment", {"paused": True}, "resume it first: `daytwo act rollout-resume deployment/web -n shop`"),
        ("StatefulSet", {"updateStrategy": {"type": "OnDelete"}}, "delete its pods one by one instead: `daytwo act delete-pod`"),
        ("DaemonSet", {"updateStrategy": {"type": "OnDelete"}}, "delete its pods one by one instead: `daytwo act delete-pod`"),
        ("StatefulSet", {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 3}}}, "holds back all 3 pods"),
    ],
)
def test_where_it_would_do_nothing_it_is_blocked(kind: str, spec: Object, blocked: str) -> None:
    """The API server would take it, and everybody would wait."""
    found = plan("rollout-restart", kind, facts(web(kind, spec=spec)))
    assert found.blocked.startswith("a restart would do nothing: ")
    assert blocked in found.blocked
    assert found.steps == ()


def test_a_partition_is_told() -> None:
    """Part of the pods keep running as they are."""
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    found = plan("rollout-restart", "StatefulSet", facts(web("StatefulSet", spec={"updateStrategy": strategy})))
    assert found.warnings == ("statefulset shop/web: its partition 1 leaves 1 of 3 pods as they are",)
    assert found.blast.pods == 2
    assert found.blast.share_ratio == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("spec", "status", "seen", "detail"),
    [
        ({}, {}, Seen.DONE, "3 of 3 updated, 3 available"),
        ({}, {"updatedReplicas": 1}, Seen.NOT_YET, "1 of 3 updated, 3 available"),
        ({"paused": True}, {"updatedReplicas": 1}, Seen.FAILED, "its rollout is paused: no pod has it before it is resumed"),
    ],
)
def test_when_it_is_done(spec: Object, status: Object, seen: Seen, detail: str) -> None:
    """Somebody may pause it meanwhile: then there is nothing to wait for."""
    step = only_step(plan("rollout-restart", "Deployment", facts(web())))
    value = web(spec=spec, status=status)
    value["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": "2026-11-20T08:00:00Z"}
    found = look(step, facts(value))
    assert (found.seen, found.detail) == (seen, detail)


def test_a_mark_that_somebody_removed_has_failed() -> None:
    """A template applied anew takes the mark away, and the pods roll once more."""
    step = only_step(plan("rollout-restart", "Deployment", facts(web())))
    assert look(step, facts(web())).detail == f"{PATH} was removed meanwhile"


@pytest.mark.cluster
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_restarting_for_real(control_plane: ControlPlane, namespace: str, kind: str) -> None:
    """Every pod is another one afterwards; the same plan sent again is done already."""
    world = World(control_plane, namespace)
    ready(world, deployment(kind=kind, replicas=2))
    before = _uids(world)
    step, outcome = world.carry_out(world.plan("rollout-restart", kind, "web"))
    assert world.look(step, outcome).seen is Seen.DONE
    assert not before & _uids(world)
    assert world.standing(step.change).stand is Stand.DONE
    assert world.plan_of(step.call).already


@pytest.mark.cluster
def test_a_rollout_that_is_stuck_has_failed(control_plane: ControlPlane, namespace: str) -> None:
    """The controller says when its deadline has passed; until then it is waited for."""
    world = World(control_plane, namespace)
    ready(world, deployment(replicas=1, progressDeadlineSeconds=1))
    step = only_step(world.plan("rollout-restart", "Deployment", "web"))
    fault: dict[str, Any] = {"spec": {"template": {"metadata": {"annotations": {"kubelet.daytwo.dev/fault": "image-pull"}}}}}
    world.client.patch("Deployment", "web", fault, namespace)
    found = world.verified(step, world.do(step))
    assert found.seen is Seen.FAILED
    assert found.detail.startswith("no progress for 1 s: ")


def _uids(world: World) -> set[str]:
    return {pod["metadata"]["uid"] for pod in world.client.list_of("Pod", world.namespace) if "deletionTimestamp" not in pod["metadata"]}
