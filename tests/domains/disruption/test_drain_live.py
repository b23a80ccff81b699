"""A drain played through, held against the same evictions on the real API server."""

import pytest

from daytwo.domains.disruption.drain import Eviction, play, stays
from daytwo.domains.disruption.elsewhere import Fate
from daytwo.model.pod import Pod
from tests.domains.disruption.pool import Pool, new_pool
from tests.domains.disruption.world import bare_pod, budget, is_ready, look, wait_counted, wait_settled, workload
from tests.servers.client import ApiError, Object
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until

pytestmark = pytest.mark.cluster


def evict(pool: Pool, pod: Pod) -> tuple[int, str]:
    """What the API server answers to an eviction, and says."""
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod.name, "namespace": pod.namespace},
        "deleteOptions": {"preconditions": {"uid": pod.metadata.uid}},
    }
    try:
        pool.client.request("POST", f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/eviction", body)
    except ApiError as error:
        return error.code, error.message
    return 201, ""


def has_come_about(pool: Pool, eviction: Eviction, number: int) -> bool:
    """The pod is gone, `number` are there, and those of its app are Ready, or not, as foretold."""
    pods = [one for one in pool.client.list_of("Pod", pool.namespace) if "deletionTimestamp" not in one["metadata"]]
    if len(pods) != number or any(one["metadata"]["uid"] == eviction.pod.metadata.uid for one in pods):
        return False
    mine = [one for one in pods if one["metadata"]["labels"] == eviction.pod.labels]
    may_wait = eviction.placement.fate is Fate.HOMELESS or not eviction.pod.is_ready
    return all(is_ready(one) or (may_wait and has_been_looked_at(one)) for one in mine)


def has_been_looked_at(pod: Object) -> bool:
    """By the scheduler, which found no node for it, or by its node."""
    scheduled = [one for one in pod["status"].get("conditions", ()) if one["type"] == "PodScheduled"]
    return any(one["status"] == "False" for one in scheduled) or bool(pod["status"].get("containerStatuses"))


def test_evictions_in_the_order_of_the_play_come_to_the_same_end(control_plane: ControlPlane, namespace: str) -> None:
    """What the play lets go is evicted, one after the other, and replaced as foretold; what it refuses the API server refuses."""
    client = control_plane.client()
    with new_pool(control_plane, namespace) as pool:
        small, large = pool.spec, pool.asking("3")
        apps = [
            workload("Deployment", "any", 2, spec=small),
            workload("Deployment", "web", 4, spec=small),
            workload("ReplicaSet", "db", 3, spec=small),
            workload("Deployment", "big", 4, spec=large),
            workload("Deployment", "only", 1, spec=small),
            workload("Deployment", "twice", 2, spec=small),
            workload("Deployment", "weak", 2, fault="not-ready", spec=small),
            workload("Deployment", "stuck", 2, fault="not-ready", spec=small),
            workload("Deployment", "idle", 1, fault="not-ready", spec=small),
            workload("Deployment", "waits", 1, fault="creating", spec=small),
            bare_pod("alone-1", "alone", small),
            bare_pod("alone-2", "alone", small),
        ]
        client.apply_all(apps, namespace)
        wait_settled(client, namespace, pods=24, ready=18)
        budgets = [
            budget("web", "web", maxUnavailable=1),
            budget("db", "db", minAvailable="60%"),
            budget("big", "big", maxUnavailable=1),
            budget("only", "only", minAvailable=1),
            budget("twice-1", "twice", maxUnavailable=1),
            budget("twice-2", "twice", minAvailable=1),
            budget("weak", "weak", maxUnavailable=0),
            budget("stuck", "stuck", minAvailable=1),
            budget("idle", "idle", maxUnavailable="100%"),
            budget("waits", "waits", minAvailable=1),
            budget("alone", "alone", minAvailable=1),
        ]
        budgets[6]["spec"]["unhealthyPodEvictionPolicy"] = "AlwaysAllow"
        client.apply_all(budgets, namespace)
        wait_counted(control_plane, namespace)
        pool.open(*pool.others)

        snapshot = look(control_plane)
        here = snapshot.pods_on(pool.first)
        going = [pod for pod in here if stays(pod, snapshot, takes_bare=True) is None]
        assert len(going) == 24
        drain = play(pool.first, going, snapshot)
        refused = sorted(refusal.pod.labels["app"] for refusal in drain.refusals)
        assert refused == ["alone", "big", "idle", "only", "stuck", "stuck", "twice", "twice"]

        number = len(going)
        for eviction in drain.evictions:
            answer = evict(pool, eviction.pod)
            assert answer == (201, ""), f"{eviction.pod.name}: {answer}"
            number -= eviction.placement.fate is Fate.NONE
            until(lambda done=eviction, left=number: has_come_about(pool, done, left), f"{eviction.pod.name} to end as foretold", 30)  # type: ignore[misc]
            wait_counted(control_plane, namespace)
        for refusal in drain.refusals:
            code, message = evict(pool, refusal.pod)
            assert code == (500 if "more than one" in message else 429), f"{refusal.pod.name}: {message}"
        left = {pod["metadata"]["name"] for pod in pool.pods_on(pool.first)}
        assert left == {refusal.pod.name for refusal in drain.refusals}
