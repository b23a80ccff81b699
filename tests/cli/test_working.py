"""Ctrl-C while a run is worked on: the first stops before the next step, the second ends at once."""

import asyncio
import os
import signal

import pytest

from daytwo.cli.working import interruptible
from daytwo.engine.runs import Worker


class Stoppable(Worker):
    """Counts how often it is told to stop."""

    def __init__(self) -> None:
        self.stops = 0

    def stop(self) -> None:
        self.stops += 1


async def wait_until_stopped(worker: Stoppable, interrupts: int) -> list[int]:
    with interruptible(worker) as caught:
        for _ in range(interrupts):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0)
        while worker.stops < interrupts:
            await asyncio.sleep(0)
        if interrupts > 1:
            await asyncio.Event().wait()
        return caught


def test_the_first_interrupt_only_tells_the_worker() -> None:
    worker = Stoppable()
    assert asyncio.run(wait_until_stopped(worker, 1)) == [signal.SIGINT]
    assert worker.stops == 1


def test_the_second_ends_at_once_as_an_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(wait_until_stopped(Stoppable(), 2))


def test_afterwards_an_interrupt_is_what_it_was_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    asyncio.run(wait_until_stopped(Stoppable(), 1))
    assert signal.getsignal(signal.SIGINT) is before
