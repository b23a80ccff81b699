"""How far a rollout has got, told by status alone, and what a changed template does to the pods."""

from datetime import timedelta
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.domains.workloads.rollout import RollingWorkload, patience, progress, roll
from daytwo.model.outcome import Seen
from daytwo.model.workload import DaemonSet, Deployment, StatefulSet

W = TypeVar("W", Deployment, StatefulSet, DaemonSet)
DONE, NOT_YET, FAILED = Seen.DONE, Seen.NOT_YET, Seen.FAILED
STUCK = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
PAUSED = {"type": "Progressing", "status": "Unknown", "reason": "DeploymentPaused"}
REFUSED = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: pods"}


def deployment(wanted: int = 3, /, *, spec: dict[str, Any] | None = None, **status: Any) -> Deployment:
    return _of(Deployment, {"replicas": wanted, **(spec or {})}, status)


def stateful_set(wanted: int = 3, /, *, spec: dict[str, Any] | None = None, **status: Any) -> StatefulSet:
    return _of(StatefulSet, {"replicas": wanted, **(spec or {})}, status)


def daemon_set(*, spec: dict[str, Any] | None = None, **status: Any) -> DaemonSet:
    return _of(DaemonSet, spec or {}, status)


def _of(type: type[W], spec: dict[str, Any], status: dict[str, Any]) -> W:
    value = {"metadata": {"generation": 2}, "spec": spec, "status": {"observedGeneration": 2, **status}}
    return msgspec.convert(value, type)


def strategy(type: str = "RollingUpdate", **rolling: Any) -> dict[str, Any]:
    return {"type": type, "rollingUpdate": rolling} if rolling else {"type": type}


@pytest.mark.parametrize(
    ("status", "seen", "detail"),
    [
        ({"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}, DONE, "3 of 3 updated, 3 available"),
        (
            {"observedGeneration": 1, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3},
            NOT_YET,
            "its controller has not looked at it yet",
        ),
        ({"replicas": 4, "updatedReplicas": 1, "availableReplicas": 3}, NOT_YET, "1 of 3 updated, 3 available"),
        ({"replicas": 4, "updatedReplicas": 3, "availableReplicas": 3}, NOT_YET, "3 of 3 updated, 3 available, 1 old to end"),
        ({"replicas": 3, "updatedReplicas": 3, "availableReplicas": 2}, NOT_YET, "3 of 3 updated, 2 available"),
        ({"replicas": 3, "conditions": [STUCK]}, FAILED, "no progress for 600 s: 0 of 3 updated, 0 available"),
        ({"observedGeneration": 1, "conditions": [STUCK]}, NOT_YET, "its controller has not looked at it yet"),
        ({"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3, "conditions": [STUCK]}, DONE, "3 of 3 updated, 3 available"),
        (
            {"replicas": 2, "updatedReplicas": 0, "availableReplicas": 2, "conditions": [REFUSED]},
            NOT_YET,
            "0 of 3 updated, 2 available; exceeded quota: pods",
        ),
    ],
    ids=["done", "unobserved", "begun", "old left", "unavailable", "stuck", "stuck before the change", "no longer stuck", "refused"],
)
def test_a_deployment(status: dict[str, Any], seen: Seen, detail: str) -> None:
    """All three numbers must say so, and no older verdict counts before the controller has seen the change."""
    found = progress(deployment(**status), 2)
    assert (found.seen, found.detail) == (seen, detail)


def test_the_write_to_be_seen_may_be_newer_than_the_object() -> None:
    """An object read from before the answer to our write says nothing about it."""
    done = deployment(replicas=3, updatedReplicas=3, availableReplicas=3)
    assert progress(done, 2).seen is DONE
    assert progress(done, 3).seen is NOT_YET
    assert progress(done, None).seen is DONE


def test_a_paused_deployment_fails_at_once() -> None:
    """Nothing will happen however long one waits."""
    found = progress(deployment(spec={"paused": True}, replicas=3, conditions=[PAUSED]), 2)
    assert found.seen is FAILED
    assert "paused" in found.detail


def test_no_replicas_is_done_and_says_that_nothing_ran() -> None:
    """0 of 0 proves nothing about the template."""
    assert progress(deployment(0), 2).detail == "it has no replicas: nothing has run with it yet"
    assert progress(stateful_set(0), 2).detail == "it has no replicas: nothing has run with it yet"
    assert progress(daemon_set(), 2).detail == "no node is to run it: nothing has run with it yet"


PARTITION_2 = {"updateStrategy": strategy(partition=2)}
THROUGH = {"currentRevision": "web-2", "updateRevision": "web-2"}
ROLLING = {"currentRevision": "web-1", "updateRevision": "web-2"}
READY_3 = {"replicas": 3, "readyReplicas": 3, "availableReplicas": 3}


@pytest.mark.parametrize(
    ("spec", "status", "seen", "detail"),
    [
        ({}, {**READY_3, **THROUGH, "updatedReplicas": 3}, DONE, "3 of 3 updated, 3 of 3 available"),
        ({}, {**READY_3, **ROLLING, "updatedReplicas": 3}, NOT_YET, "3 of 3 updated, 3 of 3 available"),
        ({}, {**READY_3, **ROLLING, "updatedReplicas": 1}, NOT_YET, "1 of 3 updated, 3 of 3 available"),
        (
            {},
            {"replicas": 3, "readyReplicas": 3, "availableReplicas": 2, **THROUGH, "updatedReplicas": 3},
            NOT_YET,
            "3 of 3 updated, 2 of 3 available",
        ),
        (PARTITION_2, {**READY_3, **ROLLING, "updatedReplicas": 1}, DONE, "1 of 1 updated, 3 of 3 available"),
        (PARTITION_2, {**READY_3, **ROLLING}, NOT_YET, "0 of 1 updated, 3 of 3 available"),
        ({"updateStrategy": strategy("OnDelete")}, READY_3, FAILED, "its update strategy is OnDelete: a pod has it after it was deleted"),
        ({"updateStrategy": strategy(partition=3)}, READY_3, FAILED, "its partition 3 holds back all 3 pods"),
    ],
    ids=["done", "not through", "begun", "not available", "partition done", "partition begun", "on delete", "all held back"],
)
def test_a_stateful_set(spec: dict[str, Any], status: dict[str, Any], seen: Seen, detail: str) -> None:
    """What a partition holds back is not waited for; without one the revisions must have become one."""
    found = progress(stateful_set(spec=spec, **status), 2)
    assert (found.seen, found.detail) == (seen, detail)


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ({"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 3}, DONE),
        ({"desiredNumberScheduled": 3, "updatedNumberScheduled": 2, "numberAvailable": 3}, NOT_YET),
        ({"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 2}, NOT_YET),
    ],
)
def test_a_daemon_set(status: dict[str, Any], seen: Seen) -> None:
    """Every node that is to run it has the new pod, available."""
    assert progress(daemon_set(**status), 2).seen is seen


def test_the_mark_moves_with_every_step_forward() -> None:
    """A rollout that moves is not cut off by a deadline, whatever it takes in all."""
    marks = [
        progress(deployment(replicas=4, updatedReplicas=updated, readyReplicas=ready, availableReplicas=available), 2).mark
        for updated, ready, available in ((1, 3, 3), (2, 3, 3), (2, 4, 3), (2, 4, 4))
    ]
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize(
    ("workload", "pods", "away", "effect"),
    [
        (deployment(10), 10, 2, "10 pods are replaced, 2 at most at the same time"),
        (deployment(3), 3, 0, "3 pods are replaced, each after its successor is ready"),
        (deployment(3, spec={"strategy": strategy("Recreate")}), 3, 3, "3 pods are replaced, all at once: none is left meanwhile"),
        (
            deployment(3, spec={"strategy": strategy(maxSurge=0, maxUnavailable=2)}),
            3,
            2,
            "3 pods are replaced, 2 at most at the same time",
        ),
        (
            deployment(3, spec={"strategy": strategy(maxSurge="0%", maxUnavailable="10%")}),
            3,
            1,
            "3 pods are replaced, 1 at most at the same time",
        ),
        (
            deployment(1, spec={"strategy": strategy(maxSurge=1, maxUnavailable=0)}),
            1,
            0,
            "1 pod is replaced, each after its successor is ready",
        ),
        (deployment(0), 0, 0, "no pod runs: the next one that starts has it"),
        (stateful_set(3), 3, 1, "3 pods are replaced, 1 at most at the same time"),
        (stateful_set(3, spec=PARTITION_2), 1, 1, "1 pod is replaced, 1 at most at the same time"),
        (daemon_set(desiredNumberScheduled=5), 5, 1, "5 pods are replaced, 1 at most at the same time"),
        (
            daemon_set(spec={"updateStrategy": strategy(maxUnavailable="30%")}, desiredNumberScheduled=5),
            5,
            2,
            "5 pods are replaced, 2 at most at the same time",
        ),
        (
            daemon_set(spec={"updateStrategy": strategy(maxSurge=1, maxUnavailable=0)}, desiredNumberScheduled=5),
            5,
            0,
            "5 pods are replaced, each after its successor is ready",
        ),
    ],
)
def test_how_a_template_rolls(workload: RollingWorkload, pods: int, away: int, effect: str) -> None:
    """Shares are rounded as the controllers round them: away down and surge up for a Deployment, up for the others."""
    found = roll(workload)
    assert (found.pods, found.away) == (pods, away)
    assert found.effects == (effect,)


def test_a_partition_is_told() -> None:
    """Some pods run on with what they have."""
    assert roll(stateful_set(3, spec=PARTITION_2)).kept_back == "its partition 2 leaves 2 of 3 pods as they are"
    ordinals = {"updateStrategy": strategy(partition=12), "ordinals": {"start": 10}}
    assert roll(stateful_set(3, spec=ordinals)).pods == 1


@given(
    st.integers(0, 500),
    st.one_of(st.integers(0, 600), st.integers(0, 200).map(lambda share: f"{share}%")),
    st.one_of(st.integers(0, 600), st.integers(0, 200).map(lambda share: f"{share}%")),
)
def test_a_blast_radius_is_a_share(replicas: int, unavailable: int | str, surge: int | str) -> None:
    """Never more pods than there are, and never nothing where nothing else could move."""
    found = roll(deployment(replicas, spec={"strategy": strategy(maxUnavailable=unavailable, maxSurge=surge)}))
    assert 0 <= found.away <= found.replicas == replicas
    assert 0 <= found.blast.share_ratio <= 1
    if replicas and surge in (0, "0%"):
        assert found.away >= 1


def test_patience_is_the_controllers_and_a_little_more() -> None:
    """It tells that its deadline passed a moment after it did."""
    assert patience(deployment()) == timedelta(seconds=630)
    assert patience(deployment(spec={"progressDeadlineSeconds": 60})) == timedelta(seconds=90)
    assert patience(deployment(spec={"progressDeadlineSeconds": 2**31 - 1})) == timedelta(minutes=10)
    assert patience(stateful_set()) == timedelta(minutes=10)
