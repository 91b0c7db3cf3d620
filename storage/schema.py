"""Bringing the tables to where this Staffroom needs them: Alembic, run from here."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage.errors import NotEmpty, NothingThere, SchemaAhead, SchemaBehind

_LOCK = 0x57AFF
"""Any number: PostgreSQL lets one process at a time hold it, so that two do not migrate at once."""


def config() -> Config:
    """Alembic's settings; there is no file of them."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def bring_up(connection: Connection, *, migrate: bool) -> None:
    """Makes the tables in an empty database; in another one only with `migrate`. Inside the caller's transaction.

    Raises:
        SchemaBehind: migrations are missing, and `migrate` was not asked for.
        SchemaAhead: a newer Staffroom has been here.
    """
    _alone(connection)
    current = revision(connection)
    if current == head():
        return
    if current is not None:
        look(connection, older=migrate)
    upgrade(connection, "head")


def look(connection: Connection, *, older: bool) -> None:
    """Checks, and changes nothing. `older` tables are accepted where they are asked for.

    Raises:
        NothingThere, SchemaBehind, SchemaAhead: the tables are not those of this Staffroom.
    """
    current = revision(connection)
    if current is None:
        raise NothingThere("There are no tables there (STAFFROOM_DATABASE_URL), so there is nothing to look at.")
    if not is_known(current):
        raise SchemaAhead(
            "The database was made by a newer Staffroom. Install that version again, or restore a backup that "
            "this one made."
        )
    if not older and current != head():
        raise SchemaBehind("The database was made by an older Staffroom. Make a backup, then run `staffroom migrate`.")


def revision(connection: Connection) -> str | None:
    """Which migration the tables are at; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest migration of this Staffroom."""
    return ScriptDirectory.from_config(config()).get_current_head()


def is_known(revision: str) -> bool:
    """Whether this Staffroom has the migration."""
    scripts = ScriptDirectory.from_config(config())
    return revision in {script.revision for script in scripts.walk_revisions()}


def make_tables(connection: Connection, revision: str) -> None:
    """Makes the tables as they were at this migration, where there is nothing yet. Inside the caller's transaction.

    Raises:
        NotEmpty: there are tables.
    """
    _alone(connection)
    if inspect(connection).get_table_names():
        raise NotEmpty(
            "There is a database already (STAFFROOM_DATABASE_URL), and a backup is restored into an empty one only. "
            "Name another file, or make a new PostgreSQL database; keep the old one until you have seen that all is "
            "well. Nothing was restored."
        )
    upgrade(connection, revision)


def upgrade(connection: Connection, revision: str) -> None:
    """Runs the migrations up to this one, inside the caller's transaction."""
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


def _alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
