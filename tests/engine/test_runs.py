"""Runs are driven step by step, and stand in the ledger as they stand in the world."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest

from daytwo.engine.hands import Hands
from daytwo.engine.runs import Clock, Pace, Worker
from daytwo.ledger.database import Ledger
from daytwo.ledger.runs import create_run, find_run
from daytwo.model.run import Run, RunState, StepState
from tests.engine.world import World, WorldHands, run_of, steps

PACE = Pace(lease=timedelta(seconds=5), poll=timedelta(seconds=0.02), first_look=timedelta(seconds=0.01))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world.db")


def worker(ledger: Ledger, hands: Hands, owner: str = "w1") -> Worker:
    async def hands_for(run: Run) -> Hands:
        return hands

    return Worker(ledger, hands_for, owner, Clock(time.monotonic, asyncio.sleep), pace=PACE)


def test_steps_are_done_in_their_order(ledger: Ledger, world: World) -> None:
    """Each once, each verified, and the run is over."""
    create_run(ledger, run_of("r1", *steps("web", 3)))
    run = asyncio.run(worker(ledger, WorldHands(world)).work_on("r1"))
    assert run.state is RunState.DONE
    assert [record.state for record in run.stages] == [StepState.DONE] * 3
    assert [(effect.stage, effect.value) for effect in world.effects()] == [(0, 1), (1, 2), (2, 3)]
    assert find_run(ledger, "r1") == run
