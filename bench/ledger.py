"""What a long history costs: `python -m bench.ledger` appends the events of runs, proves them and folds them into the runs again.

On both databases; twice as many must take about twice as long. PostgreSQL is the tests' server, made to sync what it commits.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.servers.postgresql import PostgreSQL

from bench.review import machine
from daytwo.ledger import replay
from daytwo.ledger.database import Ledger, Transaction, open_ledger
from daytwo.ledger.events import Wanted, read_events
from daytwo.ledger.proof import prove
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Patch
from daytwo.model.json import Json
from daytwo.model.outcome import Outcome, Status
from daytwo.model.person import Person
from daytwo.model.remembered import Event
from daytwo.model.request import Request
from daytwo.model.run import Act, Run, RunState, StageRecord, StepState
from daytwo.model.step import Step
from daytwo.model.target import built_in

_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cost:
    """Seconds of each part, for this many events."""

    events: int
    append: float
    prove: float
    fold: float


def history(number: int) -> list[tuple[str, dict[str, Json]]]:
    """The events of one run of one step, as the engine tells them."""
    target = built_in("Deployment", "shop", f"web-{number % 500}", f"00000000-0000-0000-0000-{number:012d}", "scale")
    change = Patch(target, (FieldChange("/spec/replicas", 3, 5),))
    step = Step(f"scale deployment shop/web-{number % 500} from 3 to 5", Call("scale", target.main, {"replicas": 5}), change)
    person = Person("anna", "kubernetes")
    made = Run("", "11111111-1111-1111-1111-111111111111", "shop", step.title, RunState.READY, person, _AT, (StageRecord(0, Act(step)),))
    created = replay.plain(made)
    assert isinstance(created, dict)
    del created["id"], created["created_at"]
    digest = f"{number:032x}"
    request = Request("PATCH", target.path, (("fieldManager", "daytwo"),), "application/json-patch+json", '[{"op":"test"}]' * 5)
    outcome = replay.plain(Outcome(Status.DONE, _AT, uid=target.uid, generation=4, resource_version=str(number)))
    intent: dict[str, Json] = {
        "stage": 0,
        "attempt": 1,
        "token": 1,
        "digest": digest,
        "request": replay.plain(request),
        "resource_version": "1",
    }
    return [
        (replay.CREATED, created),
        (replay.APPROVED, {"digest": digest, "person": replay.plain(person), "why": ""}),
        (replay.TAKEN, {"owner": "worker-1", "token": 1}),
        (replay.LOCKED, {"targets": [target.path]}),
        (replay.INTENT, intent),
        *_stage(StepState.STARTED),
        (replay.OUTCOME, {"stage": 0, "attempt": 1, "outcome": outcome}),
        *_stage(StepState.APPLIED),
        *_stage(StepState.DONE),
        (replay.UNLOCKED, {}),
        (replay.FINISHED, {"state": "done"}),
    ]


def _stage(state: StepState) -> list[tuple[str, dict[str, Json]]]:
    return [(replay.STAGE_KINDS[state], {"stage": 0, "state": state.value, "detail": ""})]


def append(ledger: Ledger, events: int) -> int:
    """Appends whole runs, one a transaction; returns how many events that were."""
    count = number = 0
    while count < events:
        told = history(number)

        def work(transaction: Transaction, number: int = number, told: list[tuple[str, dict[str, Json]]] = told) -> None:
            for kind, data in told:
                transaction.append("anna", f"r{number}", kind, data)

        ledger.transact(work)
        count += len(told)
        number += 1
    return count


def fold(ledger: Ledger) -> int:
    """How many runs are done, by their events alone."""
    return sum(run.state is RunState.DONE for run in replay.replay(_events(ledger)).values())


def _events(ledger: Ledger) -> Iterator[Event]:
    with ledger.read() as connection:
        after = 0
        while page := read_events(connection, Wanted(after=after)):
            yield from page
            after = page[-1].seq


def measure(name: str, events: int) -> Cost:
    with open_ledger(name) as ledger:
        started = time.perf_counter()
        count = append(ledger, events)
        appended = time.perf_counter()
        proof = prove(ledger)
        proven = time.perf_counter()
        assert proof.fault is None
        assert proof.count == count
        folded = fold(ledger)
        ended = time.perf_counter()
        assert folded == count // len(history(0))
    return Cost(count, appended - started, proven - appended, ended - proven)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    events: int = parser.parse_args().events
    print(f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}.\n")
    print("| | append | prove | fold |\n|---|---|---|---|")
    server = PostgreSQL(is_synced=True)
    try:
        with tempfile.TemporaryDirectory(prefix="daytwo-bench-") as folder:
            for database in ("SQLite", "PostgreSQL"):
                costs = []
                for count in (events // 2, events):
                    name = str(Path(folder) / f"{count}.db") if database == "SQLite" else server.new_database()
                    cost = measure(name, count)
                    costs.append(cost)
                    parts = " | ".join(f"{seconds:.1f} s" for seconds in (cost.append, cost.prove, cost.fold))
                    print(f"| {cost.events:,} events, {database} | {parts} |", flush=True)
                ratios = ", ".join(
                    f"{part} {getattr(costs[1], part) / getattr(costs[0], part):.2f}" for part in ("append", "prove", "fold")
                )
                print(f"| twice as many take so many times as long: {ratios} | | | |", flush=True)
    finally:
        server.close()


if __name__ == "__main__":
    main()
