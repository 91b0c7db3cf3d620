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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import one_hop
from storage.errors import BadUrl, InUse, NothingThere, Unavailable, WrongKey

BUSY_SECONDS = 10
"""How long SQLite waits for another process that is writing."""

READERS = 4
"""Connections that read at the same time (SQLite)."""

IN_USE = 0x57B00
"""The number under which PostgreSQL knows that somebody is at work: shared, or alone."""

OTHER_KEYS = (
    "select 1 from pg_locks where locktype = 'advisory' and objsubid = 2 and granted "
    "and database = (select oid from pg_database where datname = current_database()) "
    "and classid = :lock and objid::bigint <> :mine"
)
"""Finds who is at work with another newest key than `mine`; `lock` is `IN_USE`."""

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


@dataclass(slots=True, kw_only=True)
class AtWork:
    """What every connection to PostgreSQL holds while it lives, so that nobody writes whom the others do not see.

    `newest` is the id of the key that it seals with. `alone`: nobody else may be at work. Once `registered`, a
    connection is refused where that key was rotated away meanwhile.
    """

    newest: str
    alone: bool
    registered: bool = False

    def on_connect(self, connection: Any, _record: object) -> None:
        """Takes the locks.

        Raises:
            InUse: somebody is at work, or alone at work.
            WrongKey: the keys were rotated while this process was not connected.
        """
        mine = int.from_bytes(bytes.fromhex(self.newest), signed=True)
        kind = "" if self.alone else "_shared"
        take = f"select pg_try_advisory_lock{kind}({IN_USE}), pg_try_advisory_lock_shared({IN_USE}, {mine})"
        cursor = connection.cursor()
        cursor.execute(take)
        granted = cursor.fetchone()[0]
        known = True
        if granted and self.registered:
            cursor.execute("select id from master_keys")
            known = self.newest in {row[0] for row in cursor.fetchall()}
        cursor.close()
        connection.commit()
        if granted and known:
            return
        connection.close()
        if not known:
            raise WrongKey("The keys were rotated meanwhile. Start Staffroom anew with the new STAFFROOM_SECRET_KEYS.")
        raise InUse(
            "Staffroom is at work on this database. Stop every process of it first; nothing was changed."
            if self.alone
            else "The database is being worked on by `staffroom keys rotate` or `restore`. Wait until it is done."
        )


def postgres_engines(url: URL, at_work: AtWork | None) -> tuple[AsyncEngine, AsyncEngine]:
    """One pool; the second engine is the same pool with read-only snapshots. None: it will only look."""
    size, more = (1, 0) if at_work is not None and at_work.alone else (10, 10)
    engine = create_async_engine(url, pool_size=size, max_overflow=more, pool_pre_ping=True, hide_parameters=True)
    if at_work is not None:
        event.listen(engine.sync_engine, "connect", at_work.on_connect)
    return engine, engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def sqlite_looker(url: URL) -> AsyncEngine:
    """Reads a file that is there, and cannot write.

    Raises:
        NothingThere: there is no file, or an empty one.
    """
    path = Path(url.database or "")
    if not path.is_file() or not path.stat().st_size:
        raise NothingThere(f"There is no database at {path} (STAFFROOM_DATABASE_URL), so there is nothing to look at.")

    async def connect() -> aiosqlite.Connection:
        return await one_hop.connect(path, busy_seconds=BUSY_SECONDS)

    looker = create_async_engine(url, async_creator=connect, pool_size=1, max_overflow=0, hide_parameters=True)
    _begin_with(looker, "BEGIN", ("query_only=ON", f"busy_timeout={BUSY_SECONDS * 1000}"))
    return looker


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


def remove_file(path: Path) -> None:
    """Takes a database's file away, and those that SQLite has put beside it."""
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


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
