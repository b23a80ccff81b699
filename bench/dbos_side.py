"""The baseline: the same work as `bench.runs` on DBOS, in its own environment. Prints one JSON document.

`python -m bench.dbos_side URL throughput RUNS STEPS` or `… torture FOLDER RUNS STEPS`.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from dbos import DBOS, SetWorkflowID

AT_ONCE: Final = 16
EFFECT_SECONDS: Final = 0.01


@DBOS.step()
def nothing(number: int) -> int:
    return number


@DBOS.workflow()
def one_step(number: int) -> int:
    return nothing(number)


@DBOS.workflow()
def many_steps(count: int) -> int:
    return sum(nothing(number) for number in range(count))


@DBOS.step()
def effect(folder: str, run: int, step: int) -> None:
    """What cannot be taken back: one line, written in one piece."""
    with Path(folder, "effects").open("ab", buffering=0) as file:
        file.write(f"{run} {step}\n".encode())
    time.sleep(EFFECT_SECONDS)


@DBOS.workflow()
def effects(folder: str, run: int, steps: int) -> int:
    for step in range(steps):
        effect(folder, run, step)
    return run


def throughput(runs: int, steps: int) -> dict[str, float]:
    started = time.perf_counter()
    for number in range(runs):
        one_step(number)
    in_turn = runs / (time.perf_counter() - started)
    started = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        handles = list(threads.map(lambda number: DBOS.start_workflow(one_step, number), range(runs)))
        for handle in handles:
            handle.get_result()
    at_once = runs / (time.perf_counter() - started)
    started = time.perf_counter()
    many_steps(steps)
    return {"in_turn": in_turn, "at_once": at_once, "steps": steps / (time.perf_counter() - started)}


def torture(folder: str, runs: int, steps: int) -> dict[str, float]:
    """Starts what was not started before; what was is recovered by DBOS itself."""
    handles = []
    for run in range(runs):
        with SetWorkflowID(f"run-{run}"):
            handles.append(DBOS.start_workflow(effects, folder, run, steps))
    finished = sum(1 for handle in handles if handle.get_result() is not None)
    return {"finished": finished}


def main() -> None:
    url, what, *rest = sys.argv[1:]
    DBOS(
        config={
            "name": "bench",
            "system_database_url": url,
            "application_version": "1",
            "executor_id": "bench",
            "log_level": "ERROR",
            "console_log_level": "ERROR",
        }
    )
    DBOS.launch()
    found = throughput(*map(int, rest)) if what == "throughput" else torture(rest[0], int(rest[1]), int(rest[2]))
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
