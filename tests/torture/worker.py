"""A worker that can be killed: `python -m tests.torture.worker …` is one; `serve` makes many, each a fork of a process that has everything
imported already.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from sqlalchemy import event
from sqlalchemy.pool import Pool

from daytwo.engine.act import Door
from daytwo.engine.runs import Clock, Pace, Worker
from daytwo.ledger.database import open_ledger
from daytwo.ledger.leases import Limits
from daytwo.model.outcome import Outcome
from daytwo.model.person import Person
from daytwo.model.run import Run
from daytwo.sources.kubernetes.live import open_cluster
from daytwo.writers.kubernetes import KubernetesWriter
from tests.torture.points import DieAfter, DieOnce, Reach, WatchedWriter, ignore, watch_commits

LEASE = timedelta(seconds=1)
PACE = Pace(LEASE, poll=timedelta(seconds=0.1), first_look=timedelta(seconds=0.1), longest_look=timedelta(seconds=0.5))


class NoPrograms:
    """Nothing here runs a foreign argv."""

    async def run(self, argv: tuple[str, ...]) -> Outcome:
        raise NotImplementedError(argv)


async def work(arguments: argparse.Namespace) -> None:
    reach: Reach = DieOnce(arguments.died_at) if arguments.died_at else DieAfter(arguments.die_after) if arguments.die_after else ignore
    if arguments.most_pages:
        # Before the first connection: the limit is each connection's own.
        event.listen(Pool, "connect", lambda driver, record: driver.execute(f"PRAGMA max_page_count = {arguments.most_pages}"))
    with open_ledger(arguments.ledger) as ledger:
        watch_commits(ledger, reach)
        async with open_cluster(None, arguments.kubeconfig, environment={}, impersonate=arguments.acts_as) as cluster:
            identity = await cluster.identify()
            writer = WatchedWriter(KubernetesWriter(cluster.connection, arguments.request_seconds), reach)
            door = Door(cluster, writer, NoPrograms(), identity, Person(identity.user, "kubernetes"))

            async def hands_for(run: Run) -> Door:
                return door

            clock = Clock(time.monotonic, asyncio.sleep)
            worker = Worker(ledger, hands_for, f"worker-{os.getpid()}", clock, pace=PACE, limits=Limits(at_once=arguments.at_once))
            try:
                await worker.work(at_once=arguments.at_once)
            finally:
                worker.close()


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--died-at", type=Path)
    parser.add_argument("--die-after", type=int)
    parser.add_argument("--most-pages", type=int)
    parser.add_argument("--acts-as", default="")
    parser.add_argument("--at-once", type=int, default=10)
    parser.add_argument("--request-seconds", type=float, default=5.0)
    return parser.parse_args(words)


def serve() -> None:
    """Forks a worker for each line of arguments on stdin, and answers with its process id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _be_worker(line.rstrip("\n").split("\t"))
        print(child, flush=True)


def _be_worker(words: list[str]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        os.setsid()
        with suppress(KeyboardInterrupt):
            asyncio.run(work(parse(words)))
        code = 0
    finally:
        if code:
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        asyncio.run(work(parse(sys.argv[1:])))
