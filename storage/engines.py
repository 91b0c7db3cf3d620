"""How the two databases are connected to: what differs between SQLite and PostgreSQL stands here.

SQLite: the driver is in autocommit and every BEGIN is our own, because the driver's own transactions let a
savepoint survive its rollback and read two values of one row in one transaction (measured).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import one_hop
from storage.errors import BadUrl, InUse, Unavailable

BUSY_SECONDS = 10
"""How long SQLite waits for another process that is writing."""

READERS = 4
"""Connections that read at the same time (SQLite)."""

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}")


def read_url(text: str) -> URL:
    """The address of a database, with the driver that Staffroom uses.

    Raises:
        BadUrl: it is no address, of another database, or in memory; it is not shown, as it may hold a password.
    """
    expected = (
        "STAFFROOM_DATABASE_URL must be like sqlite+aiosqlite:///data/staffroom.db (a file) or "
        "postgresql+asyncpg://user:password@host/name."
    )
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in _DRIVERS:
        raise BadUrl(expected)
    if url.drivername.startswith("sqlite") and url.database in {None, "", ":memory:"}:
        raise BadUrl(f"{expected} SQLite in memory forgets everything: name a file.")
    if url.drivername.startswith("sqlite") and url.query:
        raise BadUrl(f"{expected} Nothing may follow the name of a SQLite file.")
    return url.set(drivername=_DRIVERS[url.drivername])


def sqlite_engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    """The writer, of one connection, and the readers."""
    path = Path(url.database or "")

    async def connect() -> aiosqlite.Connection:
        return await one_hop.connect(path, busy_seconds=BUSY_SECONDS)

    settings: dict[str, Any] = {"async_creator": connect, "max_overflow": 0, "hide_parameters": True}
    writer = create_async_engine(url, pool_size=1, **settings)
    reader = create_async_engine(url, pool_size=READERS, **settings)
    _begin_with(writer, "BEGIN IMMEDIATE", _PRAGMAS)
    _begin_with(reader, "BEGIN", (*_PRAGMAS, "query_only=ON"))
    return writer, reader


def postgres_engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    """One pool; the second engine is the same pool with read-only snapshots."""
    engine = create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True)
    return engine, engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def make_file(path: Path) -> None:
    """Makes the database's file readable by its owner only, and its directory where there is none.

    SQLite gives the files beside it (-wal, -shm) the same permissions.

    Raises:
        Unavailable: it cannot be made there.
    """
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Unavailable(
            f"The database file {path} cannot be made or written: {error.strerror}. Check STAFFROOM_DATABASE_URL and "
            "who owns the directory."
        ) from error
    _keep_a_log_ahead(path)


def _keep_a_log_ahead(path: Path) -> None:
    """Turns the file to WAL, once and for all: two that do so at once are told "locked" without any waiting."""
    until = time.monotonic() + BUSY_SECONDS
    while time.monotonic() < until:
        try:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                return  # whoever opens it next tells what is wrong
            time.sleep(0.02)
        except sqlite3.DatabaseError:
            return
        else:
            return


def lock_file(path: Path) -> int:
    """Takes the file for this process alone, until the returned descriptor is closed (or the process ends).

    Raises:
        InUse: another process has it.
    """
    lock = path.with_name(path.name + ".lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"The lock file {lock} cannot be made: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise InUse(
            f"Another Staffroom is running on {path}. SQLite serves one process: stop the other one, or use "
            "PostgreSQL (STAFFROOM_DATABASE_URL) to run several."
        ) from error
    return descriptor


def _begin_with(engine: AsyncEngine, begin: str, pragmas: tuple[str, ...]) -> None:
    def on_connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)
