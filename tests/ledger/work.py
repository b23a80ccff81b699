"""What other processes do to a ledger in the tests: `python -m tests.ledger.work NAME append|claim …`. Each acknowledged one is a line."""

import sys
from random import Random

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from daytwo.ledger.database import Ledger, Transaction, open_ledger

SLOTS = 6


def append(ledger: Ledger, about: str, count: int) -> None:
    """Appends events of one case, two a transaction."""
    for number in range(count):

        def work(tx: Transaction, number: int = number) -> None:
            tx.append("worker", about, "began", {"number": number})
            tx.append("worker", about, "ended", {"number": number})

        ledger.transact(work)
        print(f"{about} {number}", flush=True)


def claim(ledger: Ledger, about: str, count: int) -> None:
    """Tries to do each of `count` jobs, as all others do; a job is done by whoever stores its key.

    Rows are taken in an order that leads to deadlocks, sometimes without waiting: every error that PostgreSQL has for that occurs.
    """
    random = Random(about)
    is_postgresql = ledger.place.is_postgresql
    jobs = list(range(count))
    random.shuffle(jobs)
    for job in jobs:
        slots = random.sample(range(SLOTS), 2)
        nowait = is_postgresql and random.random() < 0.3

        def work(tx: Transaction, job: int = job, slots: list[int] = slots, nowait: bool = nowait) -> None:
            for slot in slots:
                if nowait:
                    tx.connection.execute(text("SELECT 1 FROM slot WHERE id = :id FOR UPDATE NOWAIT"), {"id": slot})
                tx.connection.execute(text("UPDATE slot SET uses = uses + 1 WHERE id = :id"), {"id": slot})
            tx.connection.execute(text("INSERT INTO job (id, owner) VALUES (:id, :owner)"), {"id": job, "owner": about})
            tx.append("worker", about, "job_done", {"job": job})

        try:
            ledger.transact(work)
        except IntegrityError:
            continue
        print(f"{about} {job}", flush=True)


def main() -> None:
    name, what, about, count = sys.argv[1:]
    with open_ledger(name) as ledger:
        print("ready", flush=True)
        sys.stdin.read()  # all begin together
        {"append": append, "claim": claim}[what](ledger, about, int(count))


if __name__ == "__main__":
    main()
