"""Scaling: what it plans, when it is done, and the same on the real API server."""

from typing import Any

import msgspec
import pytest

from daytwo.actions.forms import answer, patch
from daytwo.model.change import Patch
from daytwo.model.errors import UsageError
from daytwo.model.json import Json
from daytwo.model.outcome import Seen
from daytwo.model.standing import Stand
from daytwo.model.tier import Class, Tier
from tests.actions.specimens import DONE, action, facts, look, only_step, plan, web
from tests.actions.workloads import deployment, ready
from tests.actions.world import World
from tests.objects import AT, Object, parse
from tests.servers.control_plane import ControlPlane

AUTOSCALER: Object = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "web-scaler", "namespace": "shop", "uid": "uid-hpa"},
    "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 5},
}


@pytest.mark.parametrize(
    ("before", "wanted", "pods", "share", "effect"),
    [(3, 5, 0, 0.0, "2 pods start"), (3, 4, 0, 0.0, "1 pod starts"), (4, 3, 1, 0.25, "1 pod ends"), (3, 0, 3, 1.0, "3 pods end")],
)
def test_what_it_does_to_the_pods(before: int, wanted: int, pods: int, share: float, effect: str) -> None:
    """Only pods that end are a risk, and how large a share they are."""
    found = plan("scale", "Deployment", facts(web(), scale=before), replicas=wanted)
    assert (found.blast.pods, found.blast.share_ratio, found.effects) == (pods, share, (effect,))
    assert (found.class_, found.tier, found.undo) == (Class.MUTATING, Tier.T1, f"scale back to {before}")


def test_the_number_it_has_already() -> None:
    """Nothing is to be done, and no step asks for approval."""
    found = plan("scale", "Deployment", facts(web(), scale=3), replicas=3)
    assert found.already == "deployment shop/web already has 3 replicas"
    assert found.steps == ()


@pytest.mark.parametrize("given", [-1, None, "five", True])
def test_what_is_no_number(given: Json) -> None:
    """The message says what to write."""
    with pytest.raises(UsageError, match="write 0 or more"):
        plan("scale", "Deployment", facts(web(), scale=3), replicas=given)


def test_a_replica_set_that_a_deployment_owns_is_not_scaled() -> None:
    """The Deployment would set it back at once."""
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-deployment", "controller": True}
    found = plan("scale", "ReplicaSet", facts(web("ReplicaSet", ownerReferences=[owner]), scale=3), replicas=5)
    assert found.blocked == "deployment web sets the replicas of replicaset shop/web and would set them back; scale that instead"


def test_one_that_is_being_deleted_is_not_scaled() -> None:
    """It is gone before anybody has verified it."""
    found = plan("scale", "Deployment", facts(web(deletionTimestamp="2026-11-20T07:59:00Z"), scale=3), replicas=5)
    assert found.blocked == "deployment shop/web is being deleted"


CLAIMS: Object = {
    "volumeClaimTemplates": [{"metadata": {"name": "data"}}],
    "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"},
}


def test_volumes_that_go_with_their_pods_make_it_destructive() -> None:
    """Scaling up again brings pods and not what they had stored."""
    found = plan("scale", "StatefulSet", facts(web("StatefulSet", spec=CLAIMS), scale=3), replicas=1)
    assert (found.class_, found.tier, found.undo) == (Class.DESTRUCTIVE, Tier.T3, "")
    assert "deleted with them" in found.no_undo
    assert "the PersistentVolumeClaims of 2 pods are deleted, and what is on them" in found.effects
    step = only_step(found)
    assert step.class_ is Class.DESTRUCTIVE
    assert action("scale").undo(step, DONE) is None
    kept = facts(web("StatefulSet", spec={"volumeClaimTemplates": CLAIMS["volumeClaimTemplates"]}), scale=3)
    assert plan("scale", "StatefulSet", kept, replicas=1).class_ is Class.MUTATING
    assert plan("scale", "StatefulSet", facts(web("StatefulSet", spec=CLAIMS), scale=3), replicas=5).class_ is Class.MUTATING


@pytest.mark.parametrize(
    ("before", "wanted", "warning"),
    [(3, 0, "switched off while there are no replicas"), (0, 3, "switched on again and chooses the replicas"), (3, 4, "")],
)
def test_what_zero_means_to_an_autoscaler(before: int, wanted: int, warning: str) -> None:
    """Zero is how an autoscaler is told to leave a workload alone."""
    found = plan("scale", "Deployment", facts(web(), scale=before, around=[AUTOSCALER]), replicas=wanted)
    assert (not warning and not found.warnings) or warning in found.warnings[0]


def test_autoscalers_that_nobody_may_see_are_unknown() -> None:
    """It may be that one sets the number back."""
    found = plan("scale", "Deployment", facts(web(), scale=3, unread=("HorizontalPodAutoscaler",)), replicas=4)
    assert found.unknowns == ("whether an autoscaler chooses the replicas: HorizontalPodAutoscaler: forbidden for user viewer",)
    assert found.steps


def test_none_is_done_when_none_is_left() -> None:
    """Counting those that are ready would say nothing."""
    step = only_step(plan("scale", "Deployment", facts(web(), scale=3), replicas=0))
    ending = {"replicas": 1, "readyReplicas": 0, "availableReplicas": 0, "terminatingReplicas": 2}
    assert look(step, facts(web(spec={"replicas": 0}, status=ending))).detail == "no replica is wanted, 3 to end"
    ended = {"replicas": 0, "readyReplicas": 0, "availableReplicas": 0}
    assert look(step, facts(web(spec={"replicas": 0}, status=ended))).detail == "no replica is left"


@pytest.mark.parametrize(
    ("spec", "status", "seen", "detail"),
    [
        (5, {"replicas": 5, "readyReplicas": 5, "availableReplicas": 5}, Seen.DONE, "5 of 5 ready"),
        (5, {"replicas": 5, "readyReplicas": 5, "availableReplicas": 4}, Seen.NOT_YET, "4 of 5 ready"),
        (5, {"replicas": 6, "readyReplicas": 5, "availableReplicas": 5}, Seen.NOT_YET, "5 of 5 ready, 1 to end"),
        (5, {"replicas": 5, "readyReplicas": 5, "availableReplicas": 5, "terminatingReplicas": 2}, Seen.NOT_YET, "5 of 5 ready, 2 to end"),
        (5, {"observedGeneration": 1}, Seen.NOT_YET, "its controller has not looked at it yet"),
        (4, {}, Seen.FAILED, "somebody set it to 4 replicas meanwhile"),
    ],
)
def test_when_it_is_done(spec: int, status: dict[str, Any], seen: Seen, detail: str) -> None:
    """Accepted is not ready, and a pod that still ends is still there."""
    step = only_step(plan("scale", "Deployment", facts(web(), scale=3), replicas=5))
    found = look(step, facts(web(spec={"replicas": spec}, status=status)))
    assert (found.seen, found.detail) == (seen, detail)


def test_pods_that_are_refused_are_told() -> None:
    """A quota counts pods and not the Deployment: the API server took the change all the same."""
    step = only_step(plan("scale", "Deployment", facts(web(), scale=3), replicas=5))
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: pods"}
    found = look(step, facts(web(spec={"replicas": 5}, status={"conditions": [failure]})))
    assert found.detail == "3 of 5 ready; exceeded quota: pods"


def test_one_that_is_gone_has_failed() -> None:
    """Also when another has its name by then."""
    step = only_step(plan("scale", "Deployment", facts(web(), scale=3), replicas=5))
    assert look(step, facts(absent=[step.change.target.main])).detail == "deployment shop/web is gone"  # type: ignore[union-attr]
    assert look(step, facts(web(uid="uid-other", spec={"replicas": 5}))).detail == "deployment shop/web was deleted and made anew"


@pytest.mark.cluster
def test_scaling_for_real(control_plane: ControlPlane, namespace: str) -> None:
    """Up, down to nothing and back: the API server leaves a replica count of zero out, and it is taken for what it is."""
    world = World(control_plane, namespace)
    ready(world, deployment(replicas=2))
    step, outcome = world.carry_out(world.plan("scale", "Deployment", "web", replicas=4))
    assert world.look(step, outcome).detail == "4 of 4 ready"
    assert world.standing(step.change).stand is Stand.DONE
    assert world.take_back(step, outcome).detail == "2 of 2 ready"
    step, outcome = world.carry_out(world.plan("scale", "Deployment", "web", replicas=0))
    assert world.standing(step.change).stand is Stand.DONE
    assert world.plan("scale", "Deployment", "web", replicas=0).already
    assert world.take_back(step, outcome).detail == "2 of 2 ready"


@pytest.mark.cluster
def test_a_late_or_repeated_request_is_refused(control_plane: ControlPlane, namespace: str) -> None:
    """Whatever has happened since it was read: the same bytes are accepted once."""
    world = World(control_plane, namespace)
    ready(world, deployment(replicas=1))
    step = only_step(world.plan("scale", "Deployment", "web", replicas=2))
    request = world.request(step.change)
    assert world.rehearse(request).status == 200
    assert world.spec("Deployment", "web")["replicas"] == 1
    assert world.send(request).status == 200
    refused = world.send(request)
    assert refused.status == 422
    assert answer.outcome(step.change, refused, parse(AT)).is_retryable, "looking again tells whether it is still as planned"
    world.client.patch("Deployment", "web", {"spec": {"replicas": 1}}, namespace)
    assert world.send(request).status == 422, "the old value stands again, but it is another one"
    assert isinstance(step.change, Patch)
    other = msgspec.structs.replace(step.change.target, uid="11111111-1111-1111-1111-111111111111")
    assert world.standing(msgspec.structs.replace(step.change, target=other)).stand is Stand.REPLACED
    world.client.patch("Deployment", "web", {"spec": {"replicas": 3}}, namespace)
    assert world.standing(step.change).detail == "/spec/replicas is 3, not 1"
    assert world.standing(patch.inverse(step.change)).stand is Stand.DIFFERS
    world.client.delete("Deployment", "web", namespace)
    assert world.send(request).status == 404
    assert world.standing(step.change).stand is Stand.GONE


@pytest.mark.cluster
@pytest.mark.parametrize("kind", ["StatefulSet", "ReplicaSet"])
def test_scaling_the_other_kinds(control_plane: ControlPlane, namespace: str, kind: str) -> None:
    """Each tells its status a little differently."""
    world = World(control_plane, namespace)
    ready(world, deployment(replicas=1, kind=kind))
    step, outcome = world.carry_out(world.plan("scale", kind, "web", replicas=2))
    assert world.take_back(step, outcome).detail == "1 of 1 ready"
