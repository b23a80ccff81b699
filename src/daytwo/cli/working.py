"""Runs in the foreground: this process is their worker, says where they stand, and can be interrupted between two steps."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daytwo.cli.bench import DONE, NOT_DONE, Bench
from daytwo.cli.looking import note
from daytwo.cli.progress import RunLine
from daytwo.cli.world import World
from daytwo.engine.runs import Clock, News, Pace, Worker
from daytwo.ledger.leases import Limits
from daytwo.ledger.runs import new_run_id
from daytwo.model.errors import UsageError
from daytwo.model.run import Act, Run, RunState, StepState, WaitKind
from daytwo.render import clock as clocks
from daytwo.render import text_of_runs

if TYPE_CHECKING:
    from daytwo.engine.act import Door
    from daytwo.engine.hands import Hands
    from daytwo.engine.runs import HandsFor
    from daytwo.model.proposal import Proposal
    from daytwo.settings import Settings

INTERRUPTED: Final = 130
_LOOK_SECONDS: Final = 1.0
_FINISHED: Final = (StepState.DONE, StepState.FAILED, StepState.SKIPPED, StepState.UNKNOWN)


async def start(bench: Bench, door: "Door", proposal: "Proposal", *, why: str, hold: timedelta | None, title: str = "") -> int:
    """Makes the run of an approved proposal and works on it; says what is true then."""
    from random import SystemRandom

    new = door.run(proposal, new_run_id(bench.ledger, SystemRandom()), bench.world.now(), why=why, hold=hold, title=title)

    async def this_door(run: Run) -> "Hands":
        return door

    with worker_of(bench, this_door) as worker:
        created = await worker.start(new)
        return await finish(bench, worker, created)


@contextmanager
def worker_of(bench: Bench, hands_for: "HandsFor") -> Iterator[Worker]:
    """A worker with the settings of this process, and a name that no other has."""
    from socket import gethostname
    from uuid import uuid4

    owner = f"{gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
    clock = Clock(time.monotonic, asyncio.sleep)
    limits = Limits(at_once=bench.settings.runs.at_once)
    worker = Worker(bench.ledger, hands_for, owner, clock, pace=Pace(lease=bench.settings.runs.lease), limits=limits)
    try:
        yield worker
    finally:
        worker.close()


async def finish(bench: Bench, worker: Worker, run: Run) -> int:
    """Works on a run until it is over or waits for a person; Ctrl-C leaves it before its next step."""
    with RunLine() as line, interruptible(worker) as interruption:
        telling = Telling(line)
        line(f"run {run.id}: starting")
        found = await worker.work_on(run.id, telling, stays=False)
        while _waits_for_others(found) and not interruption:
            line(f"run {run.id} waits for others: {found.waiting.text if found.waiting else ''}; `{bench.program} runs approve {run.id}`")
            await asyncio.sleep(_LOOK_SECONDS)
            found = await worker.work_on(run.id, telling, stays=False)
    bench.show_ending(found)
    if interruption and not found.state.is_over:
        _tell_interrupted(bench, found)
        return INTERRUPTED
    return DONE if found.state is RunState.DONE else NOT_DONE


def _waits_for_others(run: Run) -> bool:
    """Whether everything is done that whoever started it can do."""
    waiting = run.waiting
    if waiting is None or waiting.kind is not WaitKind.APPROVAL:
        return False
    return any(one.digest == waiting.digest and one.person.name == run.actor.name for one in run.approvals)


class Telling:
    """What a person who waits sees of one run: what is done stays on the screen, what is going on is one line."""

    def __init__(self, line: RunLine) -> None:
        self._line = line
        self._done: set[int] = set()

    def __call__(self, news: News) -> None:
        stages = news.run.stages
        if len(stages) > 1:
            for record in stages:
                if record.state in _FINISHED and record.number not in self._done:
                    self._done.add(record.number)
                    told = f"  {record.detail}" if record.detail else ""
                    self._line.done(
                        f"{record.state.value:7}  {record.number + 1} of {len(stages)}  {text_of_runs.title_of(record.stage)}{told}"
                    )
        self._line(told_of(news))


def told_of(news: News) -> str:
    """What is going on in a run, in one line."""
    run = news.run
    if news.stage is None:
        return f"run {run.id}: {news.text}"
    stage = run.stages[news.stage].stage
    is_start = isinstance(stage, Act) and news.text == stage.step.title
    place = f" {news.stage + 1} of {len(run.stages)}" if len(run.stages) > 1 else ""
    return f"run {run.id}{place}: {text_of_runs.title_of(stage) if is_start else news.text}"


def _tell_interrupted(bench: Bench, run: Run) -> None:
    clock = clocks.Clock(bench.world.now(), UTC)
    stands = text_of_runs.now(run, clock)
    note(
        f"interrupted: run {run.id} stands at {stands}; nothing more happens to it until `{bench.program} runs work {run.id}`, "
        f"and `{bench.program} runs cancel {run.id}` ends it"
    )


@contextmanager
def interruptible(worker: Worker) -> Iterator[list[int]]:
    """Ctrl-C, and SIGTERM, let the worker finish what is being sent and give its runs back; a second one ends at once.

    Yields a list that is empty until then.
    """
    caught: list[int] = []
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def interrupt(number: int) -> None:
        if caught and task is not None:
            task.cancel()
        caught.append(number)
        worker.stop()
        note("stopping before the next step; once more ends at once")

    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, interrupt, number)
    try:
        yield caught
    except asyncio.CancelledError:
        if len(caught) > 1:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


@asynccontextmanager
async def doors(world: World, settings: "Settings", context: str | None, kubeconfig: str | None) -> "AsyncIterator[HandsFor]":
    """Opens the cluster of each run, once, as whoever the run acts as; `context` and `kubeconfig` outrank what the run says."""
    async with AsyncExitStack() as stack:
        opened: dict[tuple[str, str], Door] = {}

        async def hands_for(run: Run) -> "Hands":
            key = (run.cluster, run.actor.through)
            if key not in opened:
                opened[key] = await stack.enter_async_context(open_door_of(world, settings, run, context, kubeconfig))
            return opened[key]

        yield hands_for


@asynccontextmanager
async def open_door_of(
    world: World, settings: "Settings", run: Run, context: str | None, kubeconfig: str | None, user: str | None = None
) -> "AsyncIterator[Door]":
    """The cluster of a run. UsageError when what is reached is another one."""
    name = context or (run.context if run.context != "in-cluster" else None)
    async with world.open_door(name, Path(kubeconfig) if kubeconfig else None, settings, user or run.actor.through or None) as door:
        if door.cluster.uid != run.cluster:
            raise UsageError(
                f"run {run.id} is of cluster {run.cluster_name} ({run.cluster}), and context {door.cluster.name} leads to another one; "
                "name its context with --context"
            )
        yield door
