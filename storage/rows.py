"""Rows as they are stored, sealed: what a backup copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, Row, Table, select, tuple_

from storage import schema
from storage.tables import metadata
from storage.transaction import Transaction

_ALEMBIC = "alembic_version"


class Rows(Transaction):
    """Every table, whatever is in it."""

    async def stored_tables(self) -> tuple[str, tuple[Table, ...]]:
        """The migration that the database is at, and its tables as they are; those that others need come first."""
        return await self._connection.run_sync(tables_of)

    async def stored_rows(self, table: Table, after: Sequence[object] | None, most: int) -> Sequence[Row[Any]]:
        """At most so many rows of the table that follow the one with the primary key `after`."""
        key = tuple(table.primary_key.columns)
        statement = select(table).order_by(*key).limit(most)
        if after is not None:
            statement = statement.where(tuple_(*key) > tuple_(*after))
        return (await self._read(statement)).all()


def tables_of(connection: Connection) -> tuple[str, tuple[Table, ...]]:
    """The migration that the database is at (empty: none), and the tables as they stand in it."""
    revision = schema.revision(connection)
    found = MetaData()
    found.reflect(connection)
    ours = metadata.tables.keys() if revision == schema.head() else found.tables.keys() - {_ALEMBIC}
    return revision or "", tuple(table for table in found.sorted_tables if table.name in ours)
