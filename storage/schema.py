"""Bringing the tables to where this Staffroom needs them: Alembic, run from here."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.errors import SchemaAhead, SchemaBehind

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
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    scripts = ScriptDirectory.from_config(config())
    head = scripts.get_current_head()
    current = MigrationContext.configure(connection).get_current_revision()
    if current == head:
        return
    if current is not None:
        known = {script.revision for script in scripts.walk_revisions()}
        if current not in known:
            raise SchemaAhead(
                "The database was made by a newer Staffroom. Install that version again, or restore a backup that "
                "this one made."
            )
        if not migrate:
            raise SchemaBehind(
                "The database was made by an older Staffroom. Make a backup, then run `staffroom migrate`."
            )
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
