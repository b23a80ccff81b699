"""kill -9 at every point and at any time: no run is lost, no step is done twice; counted by the API server's own audit log."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Final

import pytest

from daytwo.ledger.runs import find_run
from daytwo.model.remembered import Head
from tests.servers.polling import pause, until
from tests.torture.conftest import NewWorker
from tests.torture.ground import Ground
from tests.torture.judge import Tally
from tests.torture.workers import Nursery

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("torture"), pytest.mark.timeout(600)]

KILLS: Final = 25
"""On each database; many more in `make deep`."""

MANY_KILLS: Final = 500
REAL_KILLS: Final = 6


def test_killed_once_at_each_point(ground: Ground, nursery: Nursery, new_worker: NewWorker, tmp_path: Path) -> None:
    """Before and after each commit, before, during and after each request: whoever comes next goes on from there."""
    ground.begin(2)
    died_at = tmp_path / "died-at"
    worker = 0

    def are_over() -> bool:
        nonlocal worker
        if not worker or not nursery.is_alive(worker):
            worker = new_worker(died_at=died_at)
        return ground.are_over()

    until(are_over, "the runs to be over in spite of all", 240)
    points = died_at.read_text().splitlines()
    assert len(points) == len(set(points)) >= 28, points
    for sort in ("before commit of intent_recorded", "after commit of outcome_recorded", "while sending PATCH", "after sending DELETE"):
        assert any(point.startswith(sort) for point in points), f"nobody died {sort}"
    ground.finish()


def killed_at_random(ground: Ground, nursery: Nursery, new_worker: NewWorker, kills: int, workers: int) -> None:
    """Kills whoever comes to hand until it was done so often; then the runs are let to their end.

    Some at any moment while somebody works, some at one of the points, so that many die while something is on its way.
    """
    random = Random(11)
    tally = Tally()
    ground.begin(3)
    alive = [new_worker() for _ in range(workers)]
    deaths = 0
    while deaths < kills:
        if ground.are_over():
            tally += ground.finish()
            ground.begin(3)
        head = ground.ledger.head()

        def is_something_on(head: Head = head) -> bool:
            return ground.ledger.head() != head or not all(map(nursery.is_alive, alive)) or ground.are_over()

        until(is_something_on, "somebody to work, or to die")
        pause(random.uniform(0.0, 0.3))
        if random.random() < 0.5:
            nursery.kill(random.choice(alive))
        for which in range(workers):
            if not nursery.is_alive(alive[which]):
                deaths += 1
                alive[which] = new_worker(die_after=random.randrange(5, 60)) if random.random() < 0.5 else new_worker()
        assert tally.steps < 20 * kills, f"{deaths} deaths in all that time"
    for which in range(workers):
        nursery.kill(alive[which])
        alive[which] = new_worker()
    tally += ground.finish()
    print(f"{deaths} killed; {tally}; {len(ground.asked)} questions")
    assert tally.attempts >= tally.steps


def test_killed_at_random(ground: Ground, nursery: Nursery, new_worker: NewWorker) -> None:
    """One worker on SQLite, three on PostgreSQL."""
    killed_at_random(ground, nursery, new_worker, KILLS, 3 if ground.ledger.place.is_postgresql else 1)


@pytest.mark.parametrize("ledger_name", ["postgresql"], indirect=True)
def test_the_real_worker_is_killed(ground: Ground, ledger_name: str) -> None:
    """`daytwo runs work`, as people start it: two of them, killed in turn and started again."""
    (run,) = ground.begin(1)
    context = ["--kubeconfig", str(ground.kubeconfig), "--ledger", ledger_name]
    environment = os.environ | {"DAYTWO_RUNS_LEASE": "1s", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def start() -> "subprocess.Popen[bytes]":
        quiet = subprocess.DEVNULL
        return subprocess.Popen(["daytwo", "runs", "work", *context], env=environment, stdin=quiet, stdout=quiet, stderr=quiet)

    workers = [start(), start()]
    try:
        for number in range(REAL_KILLS):
            done = ground.steps_done()
            until(lambda done=done: ground.steps_done() > done or ground.are_over(), "a step to be done")  # type: ignore[misc]
            owner = find_run(ground.ledger, run.id).owner
            which = next((at for at, one in enumerate(workers) if f"-{one.pid}-" in owner), number % 2)
            workers[which].kill()
            workers[which].wait()
            workers[which] = start()
        tally = ground.finish()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert tally.steps == 20


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_killed_at_random_a_thousand_times(ground: Ground, nursery: Nursery, new_worker: NewWorker) -> None:
    """As above, for hours of a bad night."""
    killed_at_random(ground, nursery, new_worker, MANY_KILLS, 3 if ground.ledger.place.is_postgresql else 1)
