"""What else befalls workers, ledgers and requests: stopped, restarted, full, late; and people who change their minds meanwhile."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

import pytest
from sqlalchemy import text

from daytwo.ledger.database import Ledger
from daytwo.ledger.place import ledger_place
from daytwo.ledger.runs import find_run
from daytwo.ledger.signals import send_signal
from daytwo.model.run import Command, Reply, Run, RunState, WaitKind
from tests.servers.polling import pause, until
from tests.servers.postgresql import PostgreSQL
from tests.servers.proxy import Hold, Proxy, Request
from tests.torture.arena import OPERATOR, new_arenas
from tests.torture.conftest import NewWorker
from tests.torture.ground import ANSWERER, Ground
from tests.torture.worker import LEASE
from tests.torture.workers import Nursery

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("torture"), pytest.mark.timeout(600)]

LONGER_THAN_A_LEASE: Final = LEASE.total_seconds() * 1.8
LATE: Final = 4


def test_stopped_workers_wake_up_fenced(ground: Ground, nursery: Nursery, new_worker: NewWorker) -> None:
    """SIGSTOP for longer than a lease, again and again, at any moment: whoever took over goes on, and who wakes up lets go."""
    random = Random(5)
    ground.begin(2)
    workers = [new_worker(), new_worker()]
    while not ground.are_over():
        for worker in workers:
            head = ground.ledger.head()
            until(lambda head=head: ground.ledger.head() != head or ground.are_over(), "somebody to work")  # type: ignore[misc]
            pause(random.uniform(0.0, 0.2))
            nursery.stop(worker)
            pause(LONGER_THAN_A_LEASE)
            nursery.go_on(worker)
    ground.finish()
    assert all(map(nursery.is_alive, workers))
    assert count(ground.ledger, "run_taken_over") > 0


def test_ledger_that_is_away_for_a_while(ground: Ground, new_worker: NewWorker, ledger_name: str, request: pytest.FixtureRequest) -> None:
    """PostgreSQL is shut down and crashes; somebody sits on the SQLite file for longer than a lease. The workers wait, and go on."""
    ground.begin(2)
    for _ in range(2):
        new_worker()
    for number in range(3):
        done = ground.steps_done()
        until(lambda done=done: ground.steps_done() >= done + 5 or ground.are_over(), "some steps")  # type: ignore[misc]
        if ground.ledger.place.is_postgresql:
            server: PostgreSQL = request.getfixturevalue("postgresql")
            (server.stop if number % 2 else server.crash)()
            pause(LONGER_THAN_A_LEASE if number else 0.0)
            server.start()
        else:
            with locked(ledger_place(ledger_name).lock_file):
                pause(LONGER_THAN_A_LEASE)
    ground.finish()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keeps everybody else from writing to the SQLite file."""
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("ledger_name", ["sqlite"], indirect=True)
def test_full_disk_means_no_action(ground: Ground, nursery: Nursery, new_worker: NewWorker) -> None:
    """Without room for an intent nothing is sent; what was sent and could not be told is found out about when there is room again."""
    ground.begin(2)
    for _ in range(3):
        limit = pages_of(ground.ledger) + 4
        worker = new_worker(most_pages=limit)
        until(lambda limit=limit: pages_of(ground.ledger) >= limit - 1 and is_stuck(ground), "the disk to be full")  # type: ignore[misc]
        nursery.kill(worker)
        assert len(ground.stored()) <= count(ground.ledger, "intent_recorded")
        assert not ground.are_over()
    new_worker()
    ground.finish()


def pages_of(ledger: Ledger) -> int:
    with ledger.read() as connection:
        found: int = connection.execute(text("PRAGMA page_count")).scalar_one()
        return found


def is_stuck(ground: Ground) -> bool:
    """Whether nothing is written any more."""
    head = ground.ledger.head()
    pause(LONGER_THAN_A_LEASE)
    return ground.ledger.head() == head


@pytest.mark.parametrize("moment", ["before the takeover", "after the end"])
def test_late_requests_change_nothing_twice(ground: Ground, nursery: Nursery, new_worker: NewWorker, moment: str) -> None:
    """A killed worker's request is held on its way, whole, and delivered when somebody else has the run, or had."""
    ground.begin(1)
    held: list[Hold] = []
    with Proxy(ground.plane) as proxy:
        while len(held) < LATE:
            hold = Hold()
            proxy.fault(is_change, hold, times=1)
            worker = new_worker(proxy.kubeconfig(OPERATOR))
            until(lambda hold=hold: hold.is_taken.is_set() or ground.are_over(), "a request to be on its way")  # type: ignore[misc]
            nursery.kill(worker)
            if not hold.is_taken.is_set():
                break
            held.append(hold)
            if moment == "before the takeover":
                hold.release()
            else:
                # Somebody else is done with that step, and with others, before the request comes.
                other = new_worker()
                done = ground.steps_done()
                until(lambda done=done: ground.steps_done() > done + 1 or ground.are_over(), "others to go on")  # type: ignore[misc]
                nursery.kill(other)
        new_worker()
        until(ground.are_over, "the runs to be over")
        if moment == "after the end":
            late = [hold.release().status for hold in held]
            assert all(code in (404, 409, 422) for code in late), late
    # On a busy machine the others may be done with the run before so many were held.
    assert len(held) >= LATE // 2
    ground.finish()


def is_change(request: Request) -> bool:
    """Not a dry run, and not a review."""
    if request.method == "GET" or request.path.endswith("reviews") or "dryRun" in request.query:
        return False
    return b'"dryRun"' not in request.body


@pytest.mark.parametrize("ledger_name", ["sqlite"], indirect=True)
def test_approval_of_yesterday_changes_nothing_today(ground: Ground, nursery: Nursery, new_worker: NewWorker) -> None:
    """What was approved was changed, or made anew, before its turn came: a person is asked, and nothing is sent."""
    arenas = new_arenas(ground.plane, 2)
    changed, renewed = ground.begin_in(arenas)
    client = ground.plane.client()
    client.patch("Deployment", "web", {"spec": {"replicas": 5}}, arenas[0].namespace)
    web = client.get("Deployment", "web", arenas[1].namespace)
    client.delete("Deployment", "web", arenas[1].namespace)
    client.wait_gone("Deployment", "web", arenas[1].namespace)
    anew = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": web["spec"]}
    client.create(anew, arenas[1].namespace)
    new_worker()
    for run, why in ((changed, "/spec/replicas is 5, not 2"), (renewed, "was deleted and made anew")):
        assert why in waits(ground, run, WaitKind.ANSWER)
        send_signal(ground.ledger, run.id, Command.ANSWER, ANSWERER, reply=Reply.FAIL)
    until(ground.are_over, "the runs to be over")
    assert [run.state for run in ground.found()] == [RunState.FAILED, RunState.FAILED]
    assert not ground.stored()


def test_brakes_from_another_terminal(ground: Ground, new_worker: NewWorker, ledger_name: str) -> None:
    """`daytwo brakes on` in another process, while a third one sits on the SQLite lock: the run stops before its next step, and waits."""
    (run,) = ground.begin(1)
    new_worker()
    until(lambda: ground.steps_done() >= 3, "some steps")
    if ground.ledger.place.is_postgresql:
        brakes("on", "--why", "all hands", ledger=ledger_name)
    else:
        with locked(ground.ledger.place.lock_file):
            process = subprocess.Popen(command("on", "--why", "all hands", ledger=ledger_name), stdout=subprocess.DEVNULL)
            until(ground.ledger.place.brakes_file.exists, "the brakes to be on")
        assert process.wait(60) == 0
    assert "all hands" in waits(ground, run, WaitKind.BRAKES)
    sent = ground.stored()
    pause(LONGER_THAN_A_LEASE)
    assert ground.stored() == sent
    brakes("off", ledger=ledger_name)
    ground.finish()


def waits(ground: Ground, run: Run, kind: WaitKind) -> str:
    """For what, once it does."""

    def text_of_waiting() -> str:
        found = find_run(ground.ledger, run.id)
        return found.waiting.text if found.waiting is not None and found.waiting.kind is kind else ""

    return until(text_of_waiting, f"{run.id} to wait for {kind}")


def command(*words: str, ledger: str) -> list[str]:
    return [str(Path(sys.executable).with_name("daytwo")), "brakes", *words, "--ledger", ledger]


def brakes(*words: str, ledger: str) -> None:
    subprocess.run(command(*words, ledger=ledger), check=True, stdout=subprocess.DEVNULL)


def count(ledger: Ledger, kind: str) -> int:
    with ledger.read() as connection:
        found: int = connection.execute(text("SELECT COUNT(*) FROM event WHERE kind = :kind"), {"kind": kind}).scalar_one()
        return found
