"""How the database's tables came to be what they are: one revision a file in `versions`, in their order, forward only."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection

VERSION_TABLE: Final = "ledger_schema"

REVISIONS: Final = ("0001",)
"""All revisions, the newest last. A database that names another one was written by a newer daytwo."""


def migrate(connection: Connection) -> None:
    """Brings the tables to the newest revision, inside the caller's transaction."""
    # Imported here: it takes longer than a whole command, and is needed once in a database's life.
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext, RevisionStep
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    scripts = ScriptDirectory.from_config(config)

    def upgrade(revision: tuple[str, ...], context: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type]  # what `alembic upgrade head` itself calls

    with EnvironmentContext(config, scripts, fn=upgrade, as_sql=False) as environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE, fn=upgrade)
        environment.run_migrations()
