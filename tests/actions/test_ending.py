"""Looking again at a pod that was ended: gone, and replaced as far as its controller can."""

import pytest

from daytwo.actions.ending import pod as ending
from daytwo.model.call import Call
from daytwo.model.change import Evict
from daytwo.model.facts import Facts
from daytwo.model.outcome import Outcome, Seen, Status
from daytwo.model.step import Step
from daytwo.model.target import built_in
from tests.actions.specimens import facts
from tests.objects import Object, metadata, parse

EVICTED_AT = "2026-11-20T08:00:00Z"
GONE = built_in("Pod", "shop", "web-a", uid="uid-shop-web-a")
CONTROLLER = built_in("ReplicaSet", "shop", "web", uid="uid-shop-web")
STEP = Step("evict pod shop/web-a", Call("evict-pod", GONE), Evict(GONE), replacer=CONTROLLER)
DONE = Outcome(Status.DONE, parse(EVICTED_AT))
NO_NODE = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}


def replica_set(replicas: int = 2, uid: str = "uid-shop-web", **status: object) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {**metadata("web"), "uid": uid},
        "spec": {"replicas": replicas},
        "status": status,
    }


def pod(name: str, *, ready: bool = True, old: bool = True, phase: str = "Running", condition: Object | None = None) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(name, owner=replica_set(), created="2026-11-20T07:00:00Z" if old else "2026-11-20T08:00:01Z"),
        "spec": {},
        "status": {"phase": phase, "conditions": [condition or {"type": "Ready", "status": str(ready)}]},
    }


def going(**more: object) -> Object:
    found = pod("web-a")
    found["metadata"] |= {"deletionTimestamp": "2026-11-20T07:59:00Z", **more}
    return found


def seen(*pods: Object, controller: Object | None = None, target: Object | None = None) -> Facts:
    present = [one for one in (controller or replica_set(), target) if one is not None]
    absent = [built_in("Pod", "shop", "web-a")] if target is None else []
    return facts(*present, absent=absent, lists={built_in("Pod", "shop", ""): pods})


@pytest.mark.parametrize(
    ("given", "expected", "detail"),
    [
        (seen(pod("web-b"), pod("web-c", old=False)), Seen.DONE, "gone and replaced, 2 of 2 ready"),
        (seen(pod("web-b")), Seen.NOT_YET, "gone; 1 of 2 pods are there"),
        (
            seen(pod("web-b"), pod("web-c", ready=False, old=False)),
            Seen.NOT_YET,
            "gone; 1 of 2 ready, web-c (Running) starts",
        ),
        (
            seen(pod("web-b"), pod("web-c", old=False, phase="Pending", condition=NO_NODE)),
            Seen.DONE,
            "gone; web-c stands in for it and finds no node: 0/3 nodes are available",
        ),
        # It was unhealthy before anybody touched its neighbour.
        (seen(pod("web-b", ready=False), pod("web-c", old=False)), Seen.DONE, "gone and replaced, 1 of 2 ready"),
        (seen(pod("web-b"), pod("web-d", phase="Failed")), Seen.NOT_YET, "gone; 1 of 2 pods are there"),
        (seen(pod("web-b"), controller=replica_set(1)), Seen.DONE, "gone and replaced, 1 of 1 ready"),
        (seen(controller=replica_set(uid="uid-new")), Seen.DONE, "gone, and so is replicaset shop/web"),
        (
            seen(
                pod("web-b"),
                controller=replica_set(conditions=[{"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}]),
            ),
            Seen.NOT_YET,
            "gone; 1 of 2 pods are there: exceeded quota",
        ),
        (seen(target=going(finalizers=["example.com/hold"])), Seen.NOT_YET, "held by example.com/hold"),
        (seen(target=going()), Seen.NOT_YET, "overdue"),
        (seen(target=going(deletionTimestamp="2026-11-20T08:00:30Z")), Seen.NOT_YET, "ends within 30 s"),
        (
            seen(
                pod("web-b"),
                pod("web-a", old=False),
                target={**pod("web-a"), "metadata": {"name": "web-a", "namespace": "shop", "uid": "new"}},
            ),
            Seen.DONE,
            "gone and replaced, 2 of 2 ready",
        ),
    ],
)
def test_looking_again_at_a_pod_that_was_ended(given: Facts, expected: Seen, detail: str) -> None:
    """Done is: this very pod is gone, and its controller has what it wants, or what it can have, and we know why not more."""
    found = ending.verify(STEP, DONE, given)
    assert (found.seen, found.detail) == (expected, detail)


def test_progress_moves_the_mark() -> None:
    """Each pod that comes and each that gets ready restarts the deadline; looking at the same twice does not."""
    stages = [
        seen(target=going()),
        seen(pod("web-b")),
        seen(pod("web-b"), pod("web-c", ready=False, old=False)),
    ]
    marks = [ending.verify(STEP, DONE, given).mark for given in stages]
    assert len(set(marks)) == len(marks)
    assert marks == [ending.verify(STEP, DONE, given).mark for given in stages]
