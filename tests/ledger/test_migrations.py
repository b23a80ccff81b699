"""The tables in the code are those that the revisions make, and every schema that was ever released comes to them."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, make_url

from daytwo.ledger import migrations
from daytwo.ledger.database import Ledger, open_ledger
from daytwo.ledger.migrations import REVISIONS, VERSION_TABLE
from daytwo.ledger.proof import prove
from daytwo.ledger.tables import metadata
from daytwo.ledger.unavailable import LedgerUnavailable
from daytwo.model.errors import UsageError
from tests.ledger.test_events import append

RELEASED = Path(__file__).parent / "released"


@pytest.fixture
def engine(ledger_name: str) -> Iterator[Engine]:
    """The same database, without the ledger."""
    is_postgresql = ledger_name.startswith("postgresql:")
    url = make_url(ledger_name).set(drivername="postgresql+psycopg") if is_postgresql else f"sqlite:///{ledger_name}"
    engine = create_engine(url)
    yield engine
    engine.dispose()


def run(engine: Engine, script: str) -> None:
    with engine.begin() as connection:
        for statement in script.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)


def test_tables_in_the_code_are_those_of_the_revisions(ledger: Ledger, engine: Engine) -> None:
    """Whoever changes tables.py changes a revision with it: columns, types, keys, indexes, on both databases."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_revisions_are_one_line() -> None:
    """REVISIONS names all revision files, in their order, without a branch."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(reversed([script.revision for script in scripts])) == REVISIONS


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_released_schema_comes_to_the_newest(ledger_name: str, engine: Engine, revision: str) -> None:
    """A database as that revision left it, with events in it, is migrated on opening and goes on."""
    kind = engine.dialect.name
    run(engine, (RELEASED / f"{revision}-{kind}.sql").read_text(encoding="utf-8"))
    with open_ledger(ledger_name) as ledger:
        before = ledger.head().seq
        assert before == 2
        append(ledger, 1)
        assert prove(ledger).fault is None
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_ledger_of_a_newer_daytwo_is_left_alone(ledger: Ledger, ledger_name: str, engine: Engine) -> None:
    """Writing into tables that we do not know could spoil them."""
    run(engine, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(UsageError, match=r"was written by a newer daytwo .*upgrade daytwo"):
        open_ledger(ledger_name)


def test_database_of_somebody_else_is_left_alone(ledger_name: str, engine: Engine) -> None:
    """A wrong name must not put our tables among others'."""
    run(engine, "CREATE TABLE orders (id INTEGER)")
    with pytest.raises(LedgerUnavailable, match=r"holds tables that are not a ledger's \(orders\); name an empty database"):
        open_ledger(ledger_name)


def test_two_who_make_the_ledger_at_once_make_one(ledger_name: str) -> None:
    """The second waits for the first and finds it done."""
    faults: list[BaseException] = []

    def make(number: int) -> None:
        try:
            with open_ledger(ledger_name) as ledger:
                append(ledger, 3, f"run-{number}")
        except BaseException as fault:  # noqa: BLE001 - told to the test
            faults.append(fault)

    threads = [Thread(target=make, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with open_ledger(ledger_name) as ledger:
        proof = prove(ledger)
    assert (proof.fault, proof.count) == (None, 12)


def test_reading_a_ledger_that_is_not_there_makes_none(ledger_name: str, engine: Engine) -> None:
    """`daytwo ledger show` must not leave an empty ledger behind, in a folder or in a database."""
    with pytest.raises(LedgerUnavailable, match="there is no ledger yet"):
        open_ledger(ledger_name, is_made=False)
    if engine.dialect.name == "sqlite":
        assert not Path(ledger_name).exists()
    else:
        assert inspect(engine).get_table_names() == []
