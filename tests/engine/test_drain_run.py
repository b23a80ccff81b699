"""A drain as a durable run: through the door, step by step, to its end or back."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from daytwo.engine.act import Door
from daytwo.engine.runs import Clock, Pace, Worker
from daytwo.ledger.database import Ledger, open_ledger
from daytwo.ledger.runs import new_run_id
from daytwo.model.call import Call
from daytwo.model.json import Json
from daytwo.model.outcome import Outcome
from daytwo.model.person import Person
from daytwo.model.plan import Diff, Plan
from daytwo.model.ruling import Ruling
from daytwo.model.run import Run, RunState, StepState
from daytwo.model.target import built_in
from daytwo.sources.kubernetes.live import open_cluster
from daytwo.writers.kubernetes import KubernetesWriter
from tests.domains.disruption.pool import Pool, new_pool
from tests.domains.disruption.world import budget, wait_settled, workload
from tests.servers.control_plane import ControlPlane

pytestmark = pytest.mark.cluster

PACE = Pace(timedelta(seconds=5), timedelta(seconds=0.1), timedelta(seconds=0.1), timedelta(seconds=0.3), timedelta(seconds=0.1))


class NoPrograms:
    """Nothing here runs a foreign argv."""

    async def run(self, argv: tuple[str, ...]) -> Outcome:
        raise NotImplementedError(argv)


async def allow(plan: Plan, diffs: tuple[Diff, ...]) -> Ruling:
    """Whether people must approve is policy's own test."""
    return Ruling(class_=plan.class_, tier=plan.tier)


@pytest.fixture
def pool(control_plane: ControlPlane, namespace: str) -> Iterator[Pool]:
    with new_pool(control_plane, namespace) as pool:
        yield pool


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(str(tmp_path / "ledger.db")) as ledger:
        yield ledger


def drain(plane: ControlPlane, ledger: Ledger, node: str, between: Callable[[], None] = lambda: None, **params: Json) -> Run:
    """Plans a drain, does something `between`, and carries out what was planned."""

    async def act() -> Run:
        async with open_cluster(None, plane.kubeconfig(), environment={}) as cluster:
            identity = await cluster.identify()
            door = Door(cluster, KubernetesWriter(cluster.connection), NoPrograms(), identity, Person("anna"))
            proposal = await door.propose([Call("drain", built_in("Node", "", node), params)], allow)
            assert not proposal.is_blocked, proposal.items[0].plan.blocked
            between()

            async def hands_for(run: Run) -> Door:
                return door

            worker = Worker(ledger, hands_for, "worker-1", Clock(time.monotonic, asyncio.sleep), pace=PACE)
            try:
                run = await worker.start(door.run(proposal, new_run_id(ledger, Random(1)), datetime.now(UTC)))
                return await worker.work_on(run.id, stays=False)
            finally:
                worker.close()

    return asyncio.run(act())


def states(run: Run) -> list[StepState]:
    return [record.state for record in run.stages]


def is_cordoned(pool: Pool) -> bool:
    return pool.client.get("Node", pool.first)["spec"].get("unschedulable", False) is True


def test_drain_runs_to_its_end(control_plane: ControlPlane, pool: Pool, memory: Ledger) -> None:
    """Every pod is evicted once its turn comes, within a budget that allows one at a time; the node stays cordoned."""
    client, namespace = pool.client, pool.namespace
    client.apply_all([workload("Deployment", "web", 4, spec=pool.spec), budget("web", "web", maxUnavailable=1)], namespace)
    wait_settled(client, namespace, pods=4, ready=4)
    pool.open(pool.first, *pool.others)
    run = drain(control_plane, memory, pool.first)
    assert run.state is RunState.DONE, [(record.state, record.detail) for record in run.stages]
    assert states(run) == [StepState.DONE] * 6
    assert run.stages[-1].detail == "drained; no pod is left"
    assert is_cordoned(pool)
    assert pool.pods_on(pool.first) == []


@pytest.mark.parametrize("was_cordoned", [False, True])
def test_drain_that_a_budget_stops_goes_back(control_plane: ControlPlane, pool: Pool, memory: Ledger, was_cordoned: bool) -> None:
    """At its deadline the drain names the budget and stops; it takes back its own cordon, and leaves that of others."""
    client, namespace = pool.client, pool.namespace
    client.apply_all(
        [
            workload("Deployment", "first", 1, spec=pool.spec),
            workload("Deployment", "web", 2, spec=pool.spec),
            budget("web", "web", minAvailable=1),
        ],
        namespace,
    )
    wait_settled(client, namespace, pods=3, ready=3)
    pool.open(*([] if was_cordoned else [pool.first]), *pool.others)

    def tighten() -> None:
        client.apply(budget("web", "web", minAvailable=2), namespace)
        wait_settled(client, namespace, pods=3, ready=3)

    run = drain(control_plane, memory, pool.first, tighten, timeout="1s")
    assert run.state is RunState.FAILED
    failed = next(record for record in run.stages if record.state is StepState.FAILED)
    assert "disruption budget web needs 2 healthy pods and has 2 currently" in failed.detail
    assert is_cordoned(pool) is was_cordoned
    assert sorted(pod["metadata"]["labels"]["app"] for pod in pool.pods_on(pool.first)) == ["web", "web"]
