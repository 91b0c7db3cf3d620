"""`staffroom restore`: a backup into an empty database, as a whole or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Table, column, delete, insert, table
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import schema
from storage.audit import AuditReport, verify
from storage.backup_file import BackupFile
from storage.backup_format import NOT_WHOLE, TYPES, ObjectPart, TablePart, columns_of
from storage.database import Database
from storage.errors import BadBackup, NotEmpty
from storage.extra import Extra
from storage.rows import tables_of
from storage.sealing import Keyring
from storage.transaction import Clock

_MOST = 200
"""Rows that are in memory at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored, the moment that it is from, and what the audit says of itself."""

    rows: int
    objects: int
    made_at: datetime
    audit: AuditReport


async def restore(url: str, keys: Sequence[str], path: Path, *, clock: Clock, extras: Sequence[Extra] = ()) -> Restored:
    """Checks the whole file, then stores everything in it in one transaction, then verifies the audit.

    Raises:
        BadBackup, WrongKey: the file is not a whole backup, or was not made with these keys.
        NotEmpty: there is something in the database, or beside it.
        BadUrl, BadKey, InUse, Unavailable: as for `Database.open`. In every case nothing was restored.
    """
    with BackupFile.open(path, Keyring(keys)) as backup:
        manifest = backup.manifest
        if not schema.is_known(manifest.revision):
            raise BadBackup(
                "This backup was made by a newer Staffroom. Install that version, or a later one, and restore it with "
                "that. Nothing was restored."
            )
        stores = await _stores(manifest.objects, extras)
        backup.check()
        put: list[ObjectPart] = []
        try:
            async with Database.fill(url, keys, clock=clock, revision=manifest.revision) as (uow, connection):
                try:
                    await _fill_tables(connection, backup)
                except DBAPIError as error:
                    if not isinstance(error, DataError | IntegrityError):
                        raise
                    # What it says is left out: it may hold values.
                    raise BadBackup(
                        "The rows of this backup do not fit together. Take another one. Nothing was restored."
                    ) from None
                for part in manifest.objects:
                    put.append(part)
                    await stores[part.store].put(part.object, _chunks(backup, part))
                if await uow.audit_head() is not None:
                    uow.audit_later("backup_restored", made=manifest.made_at.isoformat(timespec="seconds"))
        except BaseException:
            for part in put:
                await stores[part.store].discard(part.object)
            raise
    database = await Database.look(url, keys, clock=clock)
    try:
        report = await verify(database)
    finally:
        await database.close()
    return Restored(
        rows=sum(part.rows for part in manifest.tables),
        objects=len(manifest.objects),
        made_at=manifest.made_at,
        audit=report,
    )


async def _stores(objects: Sequence[ObjectPart], extras: Sequence[Extra]) -> Mapping[str, Extra]:
    stores = {extra.name: extra for extra in extras}
    if {part.store for part in objects} - stores.keys():
        raise BadBackup(
            "This backup holds files that this Staffroom has no place for. Restore it with the version that made it, "
            "or a later one. Nothing was restored."
        )
    for extra in extras:
        if not await extra.is_empty():
            raise NotEmpty(
                f"There are files in the place for {extra.name} already, and a backup is restored into an empty one "
                "only. Name another place (STAFFROOM_DATA_DIR), or move them away. Nothing was restored."
            )
    return stores


async def _fill_tables(connection: AsyncConnection, backup: BackupFile) -> None:
    _, tables = await connection.run_sync(tables_of)
    parts = {part.table: part for part in backup.manifest.tables}
    if parts.keys() != {one.name for one in tables}:
        raise BadBackup(NOT_WHOLE)
    for one in reversed(tables):
        await connection.execute(delete(one))  # what the migrations put there is in the backup, too
    for one in tables:
        await _fill(connection, one, backup, parts[one.name])


async def _fill(connection: AsyncConnection, stored: Table, backup: BackupFile, part: TablePart) -> None:
    if sorted(part.columns) != sorted(columns_of(stored)):
        raise BadBackup(NOT_WHOLE)
    # With types of our own: a moment is written alike in both databases.
    statement = insert(table(part.table, *(column(name, TYPES[kind]) for name, kind in part.columns)))
    rows: Iterator[dict[str, object]] = backup.rows(part)
    while batch := list(islice(rows, _MOST)):
        await connection.execute(statement, batch)


async def _chunks(backup: BackupFile, part: ObjectPart) -> AsyncIterator[bytes]:
    for chunk in backup.chunks(part):
        yield chunk
