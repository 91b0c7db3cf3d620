"""`staffroom backup`: one file of everything that is stored, as it was at one moment, still sealed."""

from __future__ import annotations

import hashlib
import os
import secrets
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Table

from storage.backup_format import (
    MANIFEST,
    Manifest,
    ObjectPart,
    TablePart,
    columns_of,
    is_object_name,
    manifest_bytes,
    row_bytes,
)
from storage.database import Database
from storage.errors import CannotWrite, StorageError
from storage.extra import Extra
from storage.unit_of_work import UnitOfWork

_MOST = 200
"""Rows that are in memory at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What a backup holds: rows, objects, bytes of the file, and the ids of the keys that it needs."""

    rows: int
    objects: int
    bytes: int
    keys: tuple[str, ...]


async def back_up(
    database: Database, path: Path, *, extras: Sequence[Extra] = (), made_at: datetime | None = None
) -> BackedUp:
    """Writes everything into a new file that only its owner can read. Staffroom may run meanwhile.

    It is written under another name beside it first, and stands under its own only when it is whole and on the disk.

    Raises:
        CannotWrite: there is a file already, or none can be made there.
        Unavailable: the database cannot be read.
        StorageError: something is stored that no backup can hold.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.unfinished")
    _must_be_new(path)
    try:
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                manifest = await _write(database, file, extras, made_at or datetime.now(UTC))
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
            _put_in_place(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {error.strerror}. No backup was made.") from error
    return BackedUp(
        rows=sum(part.rows for part in manifest.tables), objects=len(manifest.objects), bytes=size, keys=manifest.keys
    )


async def _write(database: Database, file: IO[bytes], extras: Sequence[Extra], made_at: datetime) -> Manifest:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        async with database.reading() as uow:
            revision, tables = await uow.stored_tables()
            parts = [await _write_table(archive, uow, table) for table in tables]
            # The newest, which may have sealed nothing yet, has the manifest's digest.
            keys = tuple(sorted(await uow.known_keys() | {database.keyring.newest}))
            # Inside the same moment: what a row speaks of was stored before the row was.
            objects = [part for extra in extras for part in await _write_objects(archive, extra)]
        manifest = Manifest(revision=revision, made_at=made_at, keys=keys, tables=tuple(parts), objects=tuple(objects))
        with archive.open(zipfile.ZipInfo(MANIFEST), "w") as part:
            part.write(manifest_bytes(manifest, database.keyring))
    return manifest


async def _write_table(archive: zipfile.ZipFile, uow: UnitOfWork, table: Table) -> TablePart:
    columns = columns_of(table)
    kinds = [kind for _, kind in columns]
    key = [column.name for column in table.primary_key.columns]
    rows = 0
    with archive.open(zipfile.ZipInfo(f"tables/{table.name}.jsonl"), "w", force_zip64=True) as opened:
        part = _Counted(opened)
        after: Sequence[object] | None = None
        while found := await uow.stored_rows(table, after, _MOST):
            part.write(b"".join(_line(table, row, kinds) for row in found))
            rows += len(found)
            after = [getattr(found[-1], name) for name in key]
    return TablePart(table=table.name, columns=columns, rows=rows, bytes=part.bytes, sha256=part.sha256)


def _line(table: Table, row: Sequence[object], kinds: Sequence[str]) -> bytes:
    try:
        return row_bytes(row, kinds)
    except (ValueError, TypeError, AttributeError):
        pass
    raise StorageError(
        f"A row of the table {table.name} holds what Staffroom does not write: the database is damaged. No backup was "
        "made. Keep the ones that you have."
    )


async def _write_objects(archive: zipfile.ZipFile, extra: Extra) -> list[ObjectPart]:
    found = []
    async for name, content in extra.objects():
        if not is_object_name(name):
            raise StorageError(f"In {extra.name} is something that Staffroom did not put there. Take it away first.")
        found.append(await _write_object(archive, extra.name, name, content))
    return found


async def _write_object(archive: zipfile.ZipFile, store: str, name: str, content: AsyncIterator[bytes]) -> ObjectPart:
    with archive.open(zipfile.ZipInfo(f"{store}/{name}"), "w", force_zip64=True) as opened:
        part = _Counted(opened)
        async for chunk in content:
            part.write(chunk)
    return ObjectPart(store=store, object=name, bytes=part.bytes, sha256=part.sha256)


def _must_be_new(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise CannotWrite(f"{path} is there already, and is not overwritten. Give the backup another name.")


def _put_in_place(unfinished: Path, path: Path) -> None:
    try:
        os.link(unfinished, path)  # unlike a rename it overwrites nothing, also what came meanwhile
    except OSError:  # it is there, or the file system knows no links
        _must_be_new(path)
        unfinished.rename(path)
    with suppress(OSError):  # not every file system lets a directory be synchronised
        directory = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


class _Writes(Protocol):
    def write(self, data: bytes, /) -> int: ...


class _Counted:
    """Writes on, and knows how much it was and its SHA-256."""

    def __init__(self, file: _Writes) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.bytes += len(data)
