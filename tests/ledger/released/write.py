"""Writes down how the newest revision leaves a database: for a revision that is about to be released, never for an older one."""

import sqlite3
import subprocess
import tempfile
from pathlib import Path

from daytwo.ledger.database import open_ledger
from daytwo.ledger.migrations import REVISIONS
from tests.ledger.test_events import append
from tests.servers.postgresql import PostgreSQL, find_programs

HERE = Path(__file__).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "ledger.db"
        with open_ledger(place) as ledger:
            append(ledger, 2)
        connection = sqlite3.connect(place)
        dump = [line for line in connection.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
        connection.close()
        _write("sqlite", "\n".join(dump))
    server = PostgreSQL()
    try:
        url = server.new_database()
        with open_ledger(url) as ledger:
            append(ledger, 2)
        command: list[str | Path] = [find_programs() / "pg_dump", "--no-owner", "--no-privileges", "--inserts", url]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        kept = [line for line in text.splitlines() if line and not line.startswith(("--", "SET ", "SELECT pg_catalog.set_config", "\\"))]
        _write("postgresql", "\n".join(kept))
    finally:
        server.close()


def _write(kind: str, text: str) -> None:
    (HERE / f"{REVISIONS[-1]}-{kind}.sql").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
