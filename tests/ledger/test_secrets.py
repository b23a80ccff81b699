"""Secrets are planted wherever something can be written, and looked for in the database's raw files."""

from pathlib import Path

import pytest
from sqlalchemy import insert, select

from daytwo.ledger.brakes import put_on
from daytwo.ledger.database import Ledger, Transaction, open_ledger
from daytwo.ledger.keeping import back_up, export
from daytwo.ledger.tables import brakes
from daytwo.model.brakes import Brakes
from daytwo.model.json import Json
from tests.ledger.test_events import events_of
from tests.servers.postgresql import PostgreSQL

PLANTED = "Pl4ntedS3cretThatNobodyMayEverRead"
TEXTS = (
    f"password={PLANTED}",
    f"Authorization: Bearer {PLANTED}",
    f"postgres://shop:{PLANTED}@db.example.com/shop",
    f"mysql -u root -p{PLANTED}",
    f"token: {PLANTED}",
    f"-----BEGIN PRIVATE KEY-----\n{PLANTED}\n-----END PRIVATE KEY-----",
)
DOCUMENTS: tuple[dict[str, Json], ...] = (
    {"password": PLANTED},
    {"env": [{"name": "DB_PASSWORD", "value": PLANTED}, {"name": "SHOP", "value": "books"}]},
    {"argv": ["kubectl", "create", "secret", "--token", PLANTED]},
    {"manifest": {"kind": "Secret", "data": {"a": PLANTED}, "stringData": {"b": PLANTED}}},
    {"manifests": [{"kind": "Secret", "data": {"a": PLANTED}}]},
    {"lines": ["a harmless line", f"api_key={PLANTED}"]},
    {"deep": {"er": [{"client_secret": PLANTED}]}},
    {f"password={PLANTED}": 1},
    {"tokens": [PLANTED]},
)


def plant(ledger: Ledger) -> None:
    for planted in TEXTS:
        ledger.transact(lambda tx, planted=planted: tx.append(planted, planted, planted, {"detail": planted}))  # type: ignore[misc]
    for document in DOCUMENTS:
        ledger.transact(lambda tx, document=document: tx.append("anna", "run-1", "step_finished", document))  # type: ignore[misc]

    def row(tx: Transaction) -> None:
        for number, planted in enumerate(TEXTS):
            tx.connection.execute(brakes.delete())
            tx.connection.execute(insert(brakes).values(id=1, since=tx.now(), by=f"anna {number}", why=planted))

    ledger.transact(row)


def holders(folder: Path) -> list[str]:
    """The files below a folder in which the secret can be read."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and PLANTED.encode() in path.read_bytes()]


def test_no_secret_is_in_the_files_of_the_database(
    ledger: Ledger, ledger_name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Neither table nor log, neither backup nor export holds what looks like a credential."""
    plant(ledger)
    back_up(ledger, tmp_path / "backup.db")
    (tmp_path / "export.jsonl").write_text("".join(export(ledger)), encoding="utf-8")
    put_on(ledger.place, Brakes(f"password={PLANTED}", "anna"), lambda: open_ledger(ledger_name))
    assert holders(tmp_path) == []
    if ledger.place.is_postgresql:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        server.run("CHECKPOINT")
        assert holders(server.data) == []


def test_what_is_no_secret_stays(ledger: Ledger) -> None:
    """Masking leaves the evidence: names, harmless values, hashes and ids."""
    plant(ledger)
    events = events_of(ledger)
    assert [event.data for event in events if "env" in event.data] == [
        {"env": [{"name": "DB_PASSWORD", "value": "‹masked›"}, {"name": "SHOP", "value": "books"}]}
    ]
    hash = "12:" + "0123456789abcdef" * 4
    kept: dict[str, Json] = {
        "through": hash,
        "uid": "6f1b1a4e-3f0c-4c38-9d5a-0c1e8c1d2f3a",
        "image": "registry.example.com/shop/web@sha256:" + "ab" * 32,
        "digest": "ab" * 32,
        "argv": ["kubectl", "get", "pods", "-n", "shop"],
        "resource_version": "123456",
    }
    ledger.transact(lambda tx: tx.append("anna", "run-2", "step_started", kept))
    assert events_of(ledger)[-1].data == kept
    with ledger.read() as connection:
        assert "‹masked›" in connection.execute(select(brakes.c.why)).scalar_one()
