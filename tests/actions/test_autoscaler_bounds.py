"""An autoscaler's bounds: both in one patch, and verified by what it asks for."""

import pytest

from daytwo.model.change import Patch
from daytwo.model.errors import UsageError
from daytwo.model.json import Json
from daytwo.model.outcome import Seen
from daytwo.model.standing import Stand
from tests.actions.specimens import facts, look, only_step, plan
from tests.actions.workloads import deployment, ready
from tests.actions.world import World
from tests.conftest import NewControlPlane
from tests.objects import Object
from tests.servers.control_plane import Options

KIND = "HorizontalPodAutoscaler"


def autoscaler(fewest: int = 2, most: int = 5, *, current: int = 3, desired: int = 3, **active: str) -> Object:
    """As the API server returns one that is at work; `active` is its condition ScalingActive."""
    condition = {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound", **active}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": KIND,
        "metadata": {"name": "web", "namespace": "shop", "uid": "uid-hpa", "resourceVersion": "7"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": fewest,
            "maxReplicas": most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}],
        },
        "status": {"currentReplicas": current, "desiredReplicas": desired, "conditions": [condition]},
    }


def test_both_bounds_go_in_one_patch() -> None:
    """One after the other might pass through bounds that the API server refuses."""
    found = plan("autoscaler-bounds", KIND, facts(autoscaler()), min=6, max=9)
    step = only_step(found)
    assert isinstance(step.change, Patch)
    assert [(field.path, field.old, field.new) for field in step.change.fields] == [
        ("/spec/minReplicas", 2, 6),
        ("/spec/maxReplicas", 5, 9),
    ]
    assert found.title == "let horizontalpodautoscaler shop/web choose between 6 and 9 replicas"
    assert found.undo == "let it choose between 2 and 5 replicas"


def test_the_bound_that_stays_is_guarded() -> None:
    """Together with another one's change it might mean something else."""
    step = only_step(plan("autoscaler-bounds", KIND, facts(autoscaler()), max=9))
    assert isinstance(step.change, Patch)
    assert [(guard.path, guard.value) for guard in step.change.guards] == [("/spec/minReplicas", 2)]


@pytest.mark.parametrize(
    ("current", "bounds", "effect", "pods", "share"),
    [
        (3, {"min": 4}, "Deployment shop/web goes from 3 to 4 replicas within 15 s", 0, 0.0),
        (4, {"min": 1, "max": 3}, "Deployment shop/web goes from 4 to 3 replicas within 15 s, stabilization or not", 1, 0.25),
        (3, {"max": 9}, "Deployment shop/web keeps its 3 replicas until metrics ask for others", 0, 0.0),
        (0, {"max": 9}, "Deployment shop/web runs no replicas", 0, 0.0),
    ],
)
def test_what_happens_at_its_next_look(current: int, bounds: dict[str, Json], effect: str, pods: int, share: float) -> None:
    """Within the bounds metrics decide; outside the bounds do, at once."""
    found = plan("autoscaler-bounds", KIND, facts(autoscaler(current=current)), **bounds)  # type: ignore[arg-type]
    assert found.effects == (effect.replace("Deployment ", ""),)
    assert (found.blast.pods, found.blast.share_ratio) == (pods, share)


@pytest.mark.parametrize("bounds", [{}, {"min": 6}, {"max": 1}, {"min": -1}, {"min": 0, "max": 0}])
def test_bounds_that_make_no_sense(bounds: dict[str, Json]) -> None:
    """Told before the API server is asked."""
    with pytest.raises(UsageError, match=r"write --min, --max, or both|give both to move both"):
        plan("autoscaler-bounds", KIND, facts(autoscaler()), **bounds)  # type: ignore[arg-type]


def test_the_bounds_it_has_already() -> None:
    """Nothing is to be done."""
    found = plan("autoscaler-bounds", KIND, facts(autoscaler()), min=2)
    assert found.already == "horizontalpodautoscaler shop/web chooses between 2 and 5 replicas"


@pytest.mark.parametrize(
    ("after", "seen", "detail"),
    [
        (autoscaler(4, 9, current=4, desired=4), Seen.DONE, "4 replicas, bounds 4 to 9"),
        (autoscaler(4, 9, current=3, desired=4), Seen.NOT_YET, "3 replicas, bounds 4 to 9"),
        (autoscaler(4, 9, current=4, desired=3), Seen.NOT_YET, "4 replicas, bounds 4 to 9"),
        (autoscaler(4, 9, current=4, desired=0, status="False", reason="FailedGetResourceMetric"), Seen.DONE, "4 replicas, bounds 4 to 9"),
        (
            autoscaler(4, 9, current=0, desired=0, status="False", reason="ScalingDisabled"),
            Seen.DONE,
            "stored; its target has no replicas, which switches it off",
        ),
        (autoscaler(2, 9), Seen.FAILED, "/spec/minReplicas was set to 2 meanwhile"),
    ],
    ids=["done", "not there yet", "not asked yet", "no metrics", "switched off", "set back"],
)
def test_when_it_is_done(after: Object, seen: Seen, detail: str) -> None:
    """It has no generation: only what it asks for tells that it has seen its bounds."""
    step = only_step(plan("autoscaler-bounds", KIND, facts(autoscaler()), min=4, max=9))
    found = look(step, facts(after))
    assert (found.seen, found.detail) == (seen, detail)


@pytest.mark.cluster
def test_changing_bounds_for_real(new_control_plane: NewControlPlane) -> None:
    """The real controller keeps to the bounds without any metrics, at its next look."""
    plane = new_control_plane(Options(controller_manager_flags=["--horizontal-pod-autoscaler-sync-period=1s"]))
    plane.add_node("node-a")
    plane.wait_nodes("node-a")
    world = World(plane, "default")
    ready(world, deployment(replicas=1))
    world.client.create({**autoscaler(1, 5), "metadata": {"name": "web"}, "status": {}}, world.namespace)
    world.client.wait_for(KIND, "web", world.namespace, _has_looked)
    step, outcome = world.carry_out(world.plan("autoscaler-bounds", KIND, "web", min=2, max=9))
    assert world.look(step, outcome).detail == "2 replicas, bounds 2 to 9"
    assert world.standing(step.change).stand is Stand.DONE
    assert world.take_back(step, outcome).seen is Seen.DONE
    spec = world.spec(KIND, "web")
    assert (spec["minReplicas"], spec["maxReplicas"]) == (1, 5)


def _has_looked(found: Object) -> bool:
    return bool(found.get("status", {}).get("currentReplicas") == 1)
