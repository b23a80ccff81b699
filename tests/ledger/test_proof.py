"""A history that was tampered with is found out, and the first wrong event is named."""

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, make_url

from daytwo.ledger.chain import Link, link_hash
from daytwo.ledger.database import Ledger, open_ledger
from daytwo.ledger.proof import Proof, prove
from daytwo.model.remembered import GENESIS, Head
from tests.ledger.test_events import append, events_of

Tamper = Callable[[str], None]

SWAP_4_AND_5 = "UPDATE event SET seq = -1 WHERE seq = 4; UPDATE event SET seq = 4 WHERE seq = 5; UPDATE event SET seq = 5 WHERE seq = -1"


@pytest.fixture
def tamper(ledger_name: str) -> Tamper:
    """Changes the database behind the ledger's back."""
    postgresql = ledger_name.startswith("postgresql:")
    url = make_url(ledger_name).set(drivername="postgresql+psycopg") if postgresql else f"sqlite:///{ledger_name}"

    def run(statements: str) -> None:
        engine = create_engine(url)
        try:
            with engine.begin() as connection:
                for statement in statements.split(";"):
                    connection.exec_driver_sql(statement)
        finally:
            engine.dispose()

    return run


def fault_of(proof: Proof) -> tuple[int, str]:
    assert proof.fault is not None
    return proof.fault.seq, proof.fault.text


@pytest.mark.parametrize(
    ("statements", "seq", "told"),
    [
        ("UPDATE event SET actor = 'eve' WHERE seq = 4", 4, "event 4 was changed"),
        ("UPDATE event SET at = at + 1 WHERE seq = 4", 4, "event 4 was changed"),
        ("UPDATE event SET data = '{\"number\":9}' WHERE seq = 4", 4, "event 4 was changed"),
        ("UPDATE event SET hash = (SELECT hash FROM event WHERE seq = 3) WHERE seq = 4", 4, "event 4 was changed"),
        ("DELETE FROM event WHERE seq = 4", 4, "event 4 is missing"),
        ("DELETE FROM event WHERE seq BETWEEN 3 AND 5", 3, "events 3 to 5 are missing"),
        ("DELETE FROM event WHERE seq = 1", 1, "event 1 is missing"),
        (SWAP_4_AND_5, 4, "event 4 was changed, or stands in another's place"),
        ("DELETE FROM event WHERE seq > 6", 7, "events 7 to 8 are missing"),
        ("UPDATE head SET seq = 6", 6, "the ledger's own head has another hash"),
        ("UPDATE head SET seq = 6, hash = (SELECT hash FROM event WHERE seq = 6)", 7, "events 7 to 8 are beyond the ledger's own head"),
        (f"UPDATE head SET hash = '{GENESIS}'", 8, "the ledger's own head has another hash"),
        (
            "INSERT INTO anchor SELECT seq, hash FROM event WHERE seq = 3; DELETE FROM event WHERE seq <= 3",
            1,
            "events 1 to 3 are gone, and no event tells that they were pruned",
        ),
    ],
)  # fmt: skip
def test_tampering_is_found(ledger: Ledger, tamper: Tamper, statements: str, seq: int, told: str) -> None:
    """Changed, removed, swapped: the first event that is wrong is named."""
    append(ledger, 8)
    assert prove(ledger).fault is None
    tamper(statements)
    found_seq, found_text = fault_of(prove(ledger))
    assert found_seq == seq
    assert told in found_text


def test_tail_that_was_cut_off_is_found_by_a_head_kept_elsewhere(ledger: Ledger, tamper: Tamper) -> None:
    """Events and the ledger's own head may be cut together; a head that is kept elsewhere tells."""
    append(ledger, 8)
    kept = ledger.head()
    tamper("DELETE FROM event WHERE seq > 6; UPDATE head SET seq = 6, hash = (SELECT hash FROM event WHERE seq = 6)")
    assert prove(ledger).fault is None
    seq, told = fault_of(prove(ledger, [kept]))
    assert seq == 7
    assert told.startswith("the ledger is older than the head 8: events 7 to 8 are missing")


def test_history_written_anew_is_found_by_a_head_kept_elsewhere(ledger: Ledger, tamper: Tamper) -> None:
    """Whoever can compute hashes can make a chain that holds; it is not the one whose head was kept."""
    append(ledger, 3)
    kept = ledger.head()
    hash, statements = GENESIS, []
    for event in events_of(ledger):
        row = Link(event.seq, 1, "eve", event.about, event.kind, "{}")
        hash = link_hash(hash, row)
        statements.append(f"UPDATE event SET at = 1, actor = 'eve', data = '{{}}', hash = '{hash}' WHERE seq = {event.seq}")
    tamper(";".join([*statements, f"UPDATE head SET hash = '{hash}'"]))
    append(ledger, 1)
    assert prove(ledger).fault is None
    assert fault_of(prove(ledger, [kept])) == (3, "event 3 is another one than the head 3 says: the history was written anew")


def test_head_of_the_past_is_a_point_of_the_chain(ledger: Ledger) -> None:
    """Any head that was once printed still proves the events up to it."""
    append(ledger, 3)
    kept = ledger.head()
    append(ledger, 3)
    proof = prove(ledger, [Head(), kept, ledger.head()])
    assert proof.fault is None
    assert proof.count == 6


def test_sqlite_keeps_its_head_beside_it_and_evidence_too(ledger_name: str, tamper: Tamper) -> None:
    """The file beside the ledger moves on with each commit, but never onto a chain that it does not belong to."""
    from daytwo.ledger.head_file import read_head_file

    with open_ledger(ledger_name) as ledger:
        if ledger.place.is_postgresql:
            assert not ledger.place.head_file.exists()
            return
        append(ledger, 4)
        kept = read_head_file(ledger.place.head_file)
        assert kept == ledger.head()
        tamper("DELETE FROM event WHERE seq > 2; UPDATE head SET seq = 2, hash = (SELECT hash FROM event WHERE seq = 2)")
        append(ledger, 3)
        assert read_head_file(ledger.place.head_file) == kept
        assert prove(ledger).fault is None
        assert fault_of(prove(ledger, [kept]))[0] == 4
