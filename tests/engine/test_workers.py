"""Workers as processes: killed, stopped and woken, and many at once; no run is lost, no step is done twice."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daytwo.ledger.database import Ledger
from daytwo.ledger.events import Wanted
from daytwo.ledger.proof import prove
from daytwo.ledger.runs import create_run, list_runs
from daytwo.model.run import RunState
from tests.engine.history import check_history
from tests.engine.world import World, run_of, steps
from tests.ledger.test_events import events_of
from tests.servers.polling import until

STORM_WORKERS = 8
STORM_RUNS = 24
STEPS = 2
POINTS = 14
"""Of a run of one step: two for each of six writes, two for the request."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world.db")


class WorkerProcess:
    """A worker that is another process."""

    def __init__(self, name: str, world: World, owner: str, *trouble: str) -> None:
        self._errors = world.path.with_name(f"{owner}.err")
        self._out = world.path.with_name(f"{owner}.out")
        command = [sys.executable, "-W", "error", "-m", "tests.engine.work", name, str(world.path), owner, *trouble]
        with self._errors.open("wb") as errors, self._out.open("wb") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=errors)

    def is_ready(self) -> bool:
        if self._process.poll() not in (None, -signal.SIGKILL):
            pytest.fail(self._errors.read_text())
        return "ready" in self._out.read_text()

    def is_dead(self) -> bool:
        return self._process.poll() is not None

    def is_stopped(self) -> bool:
        pid, status = os.waitpid(self._process.pid, os.WUNTRACED | os.WNOHANG)
        return pid == self._process.pid and os.WIFSTOPPED(status)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def finish(self) -> None:
        """It gives back what it has, and ends."""
        self._process.terminate()
        code = self._process.wait(timeout=60)
        assert code == 0, self._errors.read_text()

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@contextmanager
def process(name: str, world: World, owner: str, *trouble: str) -> Iterator[WorkerProcess]:
    started = WorkerProcess(name, world, owner, *trouble)
    try:
        yield started
    finally:
        started.kill()


def are_over(ledger: Ledger) -> bool:
    return all(run.state.is_over for run in list_runs(ledger))


def every_step_was_done_once(ledger: Ledger, world: World, count: int = STEPS) -> None:
    runs = list_runs(ledger)
    assert {run.state for run in runs} == {RunState.DONE}
    done = Counter((effect.run, effect.stage) for effect in world.effects())
    assert done == Counter((run.id, number) for run in runs for number in range(count))
    assert all(attempt.outcome is not None for run in runs for record in run.stages for attempt in record.attempts)
    check_history(ledger)
    assert prove(ledger).fault is None


def test_worker_that_wakes_up_late_is_fenced_off(ledger: Ledger, ledger_name: str, world: World) -> None:
    """Stopped just before its request: the one that took over has done it, its own is refused, and its outcome is kept as late."""
    create_run(ledger, run_of("r1", *steps("web", STEPS)))
    with process(ledger_name, world, "sleeper", "stop") as sleeper:
        until(sleeper.is_stopped, "the first worker to stop itself")
        with process(ledger_name, world, "successor") as successor:
            until(lambda: are_over(ledger), "the run to be over")
            successor.finish()
        sleeper.go_on()
        until(lambda: events_of(ledger, Wanted(about="r1", kind="outcome_came_late")), "the late outcome")
        sleeper.finish()
    every_step_was_done_once(ledger, world)
    assert [(effect.stage, effect.token) for effect in world.effects()] == [(0, 2), (1, 2)]


@contextmanager
def nursery() -> Iterator[Callable[..., int]]:
    """Starts workers quickly; returns their process ids."""
    command = [sys.executable, "-m", "tests.engine.work", "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:

        def start(*words: str) -> int:
            assert served.stdin is not None
            assert served.stdout is not None
            served.stdin.write("\t".join(words) + "\n")
            served.stdin.flush()
            return int(served.stdout.readline())

        try:
            yield start
        finally:
            served.kill()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_worker_dies_at_each_write_and_each_request(ledger: Ledger, ledger_name: str, world: World) -> None:
    """kill -9 at one point after the other, each on a run of its own, until a worker lives through a whole run."""
    deaths = 0
    with nursery() as start:
        while True:
            create_run(ledger, run_of(f"r{deaths}", *steps(f"web-{deaths}", 1)))
            pid = start(ledger_name, str(world.path), f"w{deaths}", str(deaths + 1))
            until(lambda pid=pid: not is_alive(pid) or are_over(ledger), "the worker to die or to be done")  # type: ignore[misc]
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
                break
            deaths += 1
    # The last one has taken over from all others, and found out what they did.
    every_step_was_done_once(ledger, world, count=1)
    assert deaths >= POINTS


def test_storm_of_workers(ledger: Ledger, ledger_name: str, world: World) -> None:
    """Eight workers want the same runs, and are killed and started again meanwhile."""
    for number in range(STORM_RUNS):
        create_run(ledger, run_of(f"r{number}", *steps(f"web-{number}", STEPS)))
    with process(ledger_name, world, "w0") as w0, process(ledger_name, world, "w1", "29") as w1:
        others = [WorkerProcess(ledger_name, world, f"w{number}") for number in range(2, STORM_WORKERS)]
        try:
            until(lambda: len(world.effects()) >= STORM_RUNS // 2, "the storm to be under way")
            for victim in others[:3]:
                victim.kill()
            until(lambda: are_over(ledger), "all runs to be over")
            w0.finish()
        finally:
            for other in (*others, w1):
                other.kill()
    every_step_was_done_once(ledger, world)
