"""A worker in the small world as a process of its own: `python -m tests.engine.work LEDGER WORLD OWNER [stop|WHICH]`.

With `stop` it stops itself (SIGSTOP) before its first request; with a number it kills itself (SIGKILL) at that write or request.
`python -m tests.engine.work serve` makes one for each line of such words, separated by tabs, quickly: all is imported already.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import _GeneratorContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from daytwo.engine.hands import Hands, Ready
from daytwo.engine.runs import Clock, Pace, Worker
from daytwo.ledger.database import Ledger, Transaction, open_ledger
from daytwo.model.outcome import Outcome
from daytwo.model.run import Run, StageRecord
from tests.engine.world import World, WorldHands

T = TypeVar("T")

LEASE = timedelta(seconds=1)
PACE = Pace(
    LEASE,
    poll=timedelta(seconds=0.05),
    first_look=timedelta(seconds=0.01),
    longest_look=timedelta(seconds=0.1),
    shortest_pause=timedelta(seconds=0.05),
)


class Points:
    """Counts writes and requests, each before and after, and does something at one of them."""

    def __init__(self, at: int, number: signal.Signals) -> None:
        self.at = at
        self.number = number
        self.count = 0

    def reach(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), self.number)


class PointedLedger(Ledger):
    """A ledger whose writes are points."""

    def __init__(self, inner: Ledger, points: Points) -> None:
        self.inner = inner
        self.place = inner.place
        self.points = points

    def transact(self, work: Callable[[Transaction], T]) -> T:
        self.points.reach()
        result = self.inner.transact(work)
        self.points.reach()
        return result

    def read(self) -> _GeneratorContextManager[Connection]:
        return self.inner.read()


class PointedHands(WorldHands):
    """Hands whose requests are points."""

    def __init__(self, world: World, points: Points) -> None:
        super().__init__(world)
        self.points = points

    async def send(self, run: Run, record: StageRecord, ready: Ready, at: datetime) -> Outcome:
        self.points.reach()
        outcome = await super().send(run, record, ready, at)
        self.points.reach()
        return outcome


async def work(ledger: Ledger, hands: Hands, owner: str) -> None:
    async def hands_for(run: Run) -> Hands:
        return hands

    worker = Worker(ledger, hands_for, owner, Clock(time.monotonic, asyncio.sleep), pace=PACE)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    print("ready", flush=True)
    await worker.work(at_once=4)
    worker.close()


def run(name: str, world: str, owner: str, *trouble: str) -> None:
    never = Points(0, signal.SIGKILL)
    writes = requests = never
    if trouble == ("stop",):
        requests = Points(1, signal.SIGSTOP)
    elif trouble:
        writes = requests = Points(int(trouble[0]), signal.SIGKILL)
    with open_ledger(name) as ledger:
        asyncio.run(work(PointedLedger(ledger, writes), PointedHands(World(Path(world)), requests), owner))


def serve() -> None:
    # Nobody waits for them: the kernel forgets them at once.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            run(*line.rstrip("\n").split("\t"))
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    serve() if sys.argv[1] == "serve" else run(*sys.argv[1:])
