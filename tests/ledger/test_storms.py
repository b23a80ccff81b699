"""Many processes at once, killed ones, a database that restarts: nothing acknowledged is lost, nothing is done twice."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from daytwo.ledger.database import Ledger, Transaction, open_ledger
from daytwo.ledger.events import Wanted
from daytwo.ledger.proof import prove
from tests.ledger import work
from tests.ledger.test_events import events_of
from tests.servers.polling import until
from tests.servers.postgresql import PostgreSQL

WORKERS = 8
JOBS = 40
MANY_JOBS = 300


class Worker:
    """Another process at the ledger; what it has acknowledged is what it has printed."""

    def __init__(self, name: str, what: str, about: str, count: int, folder: Path) -> None:
        self.about = about
        self._out = folder / f"{about}.out"
        self._errors = folder / f"{about}.err"
        with self._out.open("wb") as out, self._errors.open("wb") as errors:
            command = [sys.executable, "-W", "error", "-m", "tests.ledger.work", name, what, about, str(count)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=errors)

    def acknowledged(self) -> list[int]:
        # A line that is cut off was not acknowledged.
        lines = self._out.read_text().rpartition("\n")[0].splitlines()
        return [int(line.split()[1]) for line in lines if line != "ready"]

    def is_ready(self) -> bool:
        if self._process.poll() not in (None, 0):
            pytest.fail(self._errors.read_text())
        return "ready\n" in self._out.read_text()

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def finish(self) -> None:
        code = self._process.wait(timeout=120)
        assert code == 0, self._errors.read_text()


@contextmanager
def workers(name: str, what: str, count: int, folder: Path, number: int = WORKERS) -> Iterator[Sequence[Worker]]:
    started = [Worker(name, what, f"worker-{index}", count, folder) for index in range(number)]
    try:
        until(lambda: all(worker.is_ready() for worker in started), "the workers to be ready")
        for worker in started:
            worker.go()
        yield started
    finally:
        for worker in started:
            worker.kill()


@pytest.fixture
def jobs(ledger: Ledger) -> Ledger:
    """A ledger with tables of this test's: rows that everybody changes, and a key for each job."""

    def make(tx: Transaction) -> None:
        tx.connection.execute(text("CREATE TABLE slot (id INTEGER PRIMARY KEY, uses INTEGER NOT NULL)"))
        tx.connection.execute(text("CREATE TABLE job (id INTEGER PRIMARY KEY, owner TEXT NOT NULL)"))
        tx.connection.execute(text("INSERT INTO slot (id, uses) VALUES (:id, 0)"), [{"id": slot} for slot in range(work.SLOTS)])

    ledger.transact(make)
    return ledger


def every_job_is_done_once(ledger: Ledger, started: Sequence[Worker], jobs: int) -> None:
    """Rows, events and what the workers were told agree."""
    with ledger.read() as connection:
        owners = {row.id: row.owner for row in connection.execute(text("SELECT id, owner FROM job"))}
        uses = connection.execute(text("SELECT SUM(uses) FROM slot")).scalar_one()
    done = Counter(event.data["job"] for event in events_of(ledger, Wanted(kind="job_done")))
    assert sorted(owners) == list(range(jobs))
    assert done == Counter(list(owners))
    assert uses == 2 * jobs
    assert {job: worker.about for worker in started for job in worker.acknowledged()} == owners
    assert prove(ledger).fault is None


def test_storm_loses_nothing_and_does_nothing_twice(jobs: Ledger, ledger_name: str, tmp_path: Path) -> None:
    """Eight processes want the same rows and the same keys: deadlocks, locks that are not waited for, duplicate keys."""
    with workers(ledger_name, "claim", JOBS, tmp_path) as started:
        for worker in started:
            worker.finish()
    every_job_is_done_once(jobs, started, JOBS)


def test_storm_over_a_restart_of_the_database(jobs: Ledger, ledger_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """PostgreSQL is shut down and crashes, a process sits on the SQLite lock: the workers wait, and go on where they were."""
    with workers(ledger_name, "claim", MANY_JOBS, tmp_path, number=4) as started:
        until(lambda: sum(len(worker.acknowledged()) for worker in started) >= 10, "the storm to be under way")
        if jobs.place.is_postgresql:
            server: PostgreSQL = request.getfixturevalue("postgresql")
            server.stop()
            server.start()
            server.crash()
            assert sum(len(worker.acknowledged()) for worker in started) < MANY_JOBS
            server.start()
        else:
            holder = "import fcntl, sys, time; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); time.sleep(0.5)"
            subprocess.run([sys.executable, "-c", holder, str(jobs.place.lock_file)], check=True)
        for worker in started:
            worker.finish()
    with open_ledger(ledger_name) as ledger:
        every_job_is_done_once(ledger, started, MANY_JOBS)


def test_killed_processes_lose_nothing_that_was_acknowledged(ledger_name: str, tmp_path: Path) -> None:
    """kill -9 at any moment: what was acknowledged is there, each transaction is whole, and the next process can write at once."""
    random = Random(7)
    open_ledger(ledger_name).close()
    with workers(ledger_name, "append", 100_000, tmp_path, number=5) as started:
        for worker in started:
            wanted = len(worker.acknowledged()) + random.randrange(1, 40)
            until(lambda worker=worker, wanted=wanted: len(worker.acknowledged()) >= wanted, "acknowledgements")  # type: ignore[misc]
            worker.kill()
    with open_ledger(ledger_name) as ledger:
        assert prove(ledger).fault is None
        ledger.transact(lambda tx: tx.append("anna", "after", "began"))
        for worker in started:
            after, stored = 0, []
            while page := events_of(ledger, Wanted(after=after, about=worker.about)):
                stored += page
                after = page[-1].seq
            count = len(stored) // 2
            assert [(event.kind, event.data["number"]) for event in stored] == [
                (kind, number) for number in range(count) for kind in ("began", "ended")
            ]
            assert count - len(worker.acknowledged()) in (0, 1)
