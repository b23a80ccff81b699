"""What durability costs: `python -m bench.runs` measures runs and steps on both databases, beside DBOS at the same work.

Steps here change nothing but a file, so that the engine and its database are what is measured. DBOS has an environment of its own
(`make bench` makes it). PostgreSQL is the tests' server, made to sync what it commits.
"""

import argparse
import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from tests.servers.postgresql import PostgreSQL

from bench.review import machine
from daytwo.engine.hands import Already, Prepared, Ready, Settled, Settlement
from daytwo.engine.runs import Clock, Pace, Worker
from daytwo.ledger.database import Ledger, open_ledger
from daytwo.ledger.leases import Limits
from daytwo.ledger.runs import create_run, list_runs
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Patch
from daytwo.model.digest import digest
from daytwo.model.outcome import Outcome, Seen, Status, Verification
from daytwo.model.person import Person
from daytwo.model.run import Act, Approval, Attempt, Pause, Run, RunState, Stage, StageRecord
from daytwo.model.step import Step
from daytwo.model.target import built_in

ROOT: Final = Path(__file__).parents[1]
BASELINE: Final = ROOT / ".venv-bench" / "bin" / "python"
ANNA: Final = Person("anna", "kubernetes")
AT_ONCE: Final = 16
EFFECT_SECONDS: Final = 0.01
KILLS: Final = 20
TORTURED: Final = (12, 20)
"""Runs, and steps of each."""

WAITING: Final = 10_000
IDLE_SECONDS: Final = 20.0


class FileHands:
    """A world that is a file: each step adds a line, and what is there can be looked up."""

    def __init__(self, folder: Path | None) -> None:
        self._file = (folder / "effects").open("ab+", buffering=0) if folder is not None else None

    async def prepare(self, run: Run, record: StageRecord) -> Prepared:
        assert isinstance(record.stage, Act)
        if self._is_there(run, record):
            return Already("it is there")
        return Ready(digest(record.number, record.stage.step))

    async def send(self, run: Run, record: StageRecord, ready: Ready, at: datetime) -> Outcome:
        if self._file is not None:
            self._file.write(self._line(run, record))
            await asyncio.sleep(EFFECT_SECONDS)
        return Outcome(Status.DONE, at)

    async def settle(self, run: Run, record: StageRecord, attempt: Attempt) -> Settled:
        return Settled(Settlement.DONE if self._is_there(run, record) else Settlement.NOT_EXECUTED)

    async def verify(self, run: Run, record: StageRecord, outcome: Outcome) -> Verification:
        return Verification(Seen.DONE)

    def _line(self, run: Run, record: StageRecord) -> bytes:
        return f"{run.id} {record.number}\n".encode()

    def _is_there(self, run: Run, record: StageRecord) -> bool:
        if self._file is None:
            return False
        self._file.seek(0)
        return self._line(run, record) in self._file.read().splitlines(keepends=True)


def new_run(number: int, steps: int, wait: timedelta | None = None) -> Run:
    """Of steps that change nothing that anybody else does; `wait` before the first."""
    stages: list[Stage] = [Pause(wait, "a timer")] if wait is not None else []
    for step in range(steps):
        target = built_in("Deployment", f"space-{number}", f"web-{step}", f"uid-{number}-{step}", "scale")
        change = Patch(target, (FieldChange("/spec/replicas", 1, 2),))
        stages.append(Act(Step(f"scale {target.main} from 1 to 2", Call("scale", target.main, {"replicas": 2}), change)))
    at = datetime.now(UTC)
    approvals = tuple(Approval(digest(place, stage.step), ANNA, at) for place, stage in enumerate(stages) if isinstance(stage, Act))
    records = tuple(StageRecord(place, stage) for place, stage in enumerate(stages))
    return Run(f"r{number}", "cluster", "bench", f"run {number}", RunState.READY, ANNA, at, records, approvals)


async def work(ledger: Ledger, at_once: int, folder: Path | None = None) -> None:
    """One worker until nothing is due; killed ones leave their leases to it, which are short then."""
    hands = FileHands(folder)

    async def hands_for(run: Run) -> FileHands:
        return hands

    pace = Pace(lease=timedelta(seconds=15 if folder is None else 1), poll=timedelta(seconds=0.02))
    worker = Worker(ledger, hands_for, f"bench-{os.getpid()}", Clock(time.monotonic, asyncio.sleep), pace=pace, limits=Limits())
    try:
        while list_runs(ledger, (RunState.READY, RunState.RUNNING), 1):
            await worker.work(at_once=at_once, until_idle=True)
    finally:
        worker.close()


# -- one process each: what is measured shall not share an interpreter with what came before ----------------------------


def throughput(name: str, runs: int, steps: int) -> dict[str, float]:
    """Runs of one step a second in turn and side by side, from creating them on; steps a second of one run."""
    with open_ledger(name) as ledger:
        return {
            "in_turn": runs / _timed(ledger, 0, runs, 1, 1),
            "at_once": runs / _timed(ledger, runs, runs, 1, AT_ONCE),
            "steps": steps / _timed(ledger, 2 * runs, 1, steps, 1),
        }


def _timed(ledger: Ledger, first: int, runs: int, steps: int, at_once: int) -> float:
    started = time.perf_counter()
    for number in range(first, first + runs):
        create_run(ledger, new_run(number, steps))
    asyncio.run(work(ledger, at_once))
    return time.perf_counter() - started


def torture(name: str, folder: str, runs: int, steps: int) -> dict[str, float]:
    with open_ledger(name) as ledger:
        known = {run.id for run in list_runs(ledger)}
        for number in range(runs):
            if f"r{number}" not in known:
                create_run(ledger, new_run(number, steps))
        asyncio.run(work(ledger, AT_ONCE, Path(folder)))
        return {"finished": sum(run.state is RunState.DONE for run in list_runs(ledger))}


def waiting(name: str, runs: int) -> dict[str, float]:
    """Memory and CPU of a worker beside so many runs that wait for a timer."""
    with open_ledger(name) as ledger:
        for number in range(runs):
            create_run(ledger, new_run(number, 1, timedelta(days=1)))
        asyncio.run(work(ledger, AT_ONCE))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        idle = asyncio.run(_idle(ledger))
        return {"cpu_ratio": idle / IDLE_SECONDS, "peak_mb": before / 1024, "threads": float(_threads())}


async def _idle(ledger: Ledger) -> float:
    """Seconds of CPU that a worker takes while nothing is due."""
    hands = FileHands(None)

    async def hands_for(run: Run) -> FileHands:
        return hands

    worker = Worker(ledger, hands_for, "idle", Clock(time.monotonic, asyncio.sleep))
    started = time.process_time()
    working = asyncio.ensure_future(worker.work())
    await asyncio.sleep(IDLE_SECONDS)
    worker.stop()
    await working
    worker.close()
    return time.process_time() - started


def _threads() -> int:
    import threading

    return threading.active_count()


# -- the table ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One engine: how it is called, and what it calls its database."""

    name: str
    command: tuple[str, ...]

    def url(self, database: str) -> str:
        return f"sqlite:///{database}" if self.name == "DBOS" and "://" not in database else database

    def ask(self, database: str, *words: object) -> dict[str, float]:
        done = subprocess.run([*self.command, self.url(database), *map(str, words)], check=True, capture_output=True, text=True, cwd=ROOT)
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return found

    def kill(self, database: str, folder: Path, random: Random) -> tuple[int, int]:
        """Kills it over and over at this work; how many effects there are, and how many of them once more."""
        words = [*self.command, self.url(database), "torture", str(folder), *map(str, TORTURED)]
        effects = folder / "effects"
        effects.touch()
        for _ in range(KILLS):
            before = effects.stat().st_size
            process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
            while effects.stat().st_size == before and process.poll() is None:
                time.sleep(0.005)
            time.sleep(random.uniform(0.0, 0.2))
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.ask(database, "torture", folder, *TORTURED)
        counted = Counter(effects.read_text().splitlines())
        assert len(counted) == TORTURED[0] * TORTURED[1], f"{self.name} lost some: {len(counted)}"
        return len(counted), sum(times - 1 for times in counted.values())


SIDES: Final = (
    Side("daytwo", (sys.executable, "-m", "bench.runs", "--side")),
    Side("DBOS", (str(BASELINE), "-m", "bench.dbos_side")),
)


def compare(runs: int, steps: int) -> None:
    print(f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}; steps that do nothing, one process.\n")
    print("| | runs of one step in turn | 16 at once | steps in one run | repeated after kill -9 |\n|---|---|---|---|---|")
    server = PostgreSQL(is_synced=True)
    try:
        with tempfile.TemporaryDirectory(prefix="daytwo-bench-") as folder:
            for kind in ("SQLite", "PostgreSQL"):
                for side in SIDES:
                    place = Path(folder, f"{side.name}-{kind}")
                    place.mkdir()
                    names = [server.new_database() if kind == "PostgreSQL" else str(place / f"{number}.db") for number in range(2)]
                    found = side.ask(names[0], "throughput", runs, steps)
                    effects, repeated = side.kill(names[1], place, Random(3))
                    rates = " | ".join(f"{found[part]:.0f}/s" for part in ("in_turn", "at_once", "steps"))
                    print(f"| {side.name}, {kind} | {rates} | {repeated} of {effects} steps, {KILLS} kills |", flush=True)
            print(f"\n| a worker beside {WAITING:,} runs that wait | idle CPU | most memory |\n|---|---|---|")
            for kind in ("SQLite", "PostgreSQL"):
                name = server.new_database() if kind == "PostgreSQL" else str(Path(folder, "waiting.db"))
                cost = SIDES[0].ask(name, "waiting", WAITING)
                print(f"| {kind} | {cost['cpu_ratio']:.1%} of a core | {cost['peak_mb']:.0f} MB |", flush=True)
    finally:
        server.close()


def side(words: Sequence[str]) -> dict[str, float]:
    name, what, *rest = words
    if what == "throughput":
        return throughput(name, int(rest[0]), int(rest[1]))
    if what == "torture":
        return torture(name, rest[0], int(rest[1]), int(rest[2]))
    return waiting(name, int(rest[0]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--steps", type=int, default=500)
    arguments = parser.parse_args()
    if arguments.side:
        print(json.dumps(side(arguments.side)))
    else:
        compare(arguments.runs, arguments.steps)


if __name__ == "__main__":
    main()
